// A message in a frame, where what it is about stands.

import { CloseCircleFilled, ExclamationCircleFilled } from '@ant-design/icons'
import type { ReactNode } from 'react'
import style from './notice.module.css'

interface NoticeProps {
  readonly tone: 'danger' | 'warning'
  readonly title: ReactNode
  readonly children?: ReactNode
  readonly action?: ReactNode
}

export const Notice = ({ tone, title, children, action }: NoticeProps) => (
  <div role="alert" className={`${style.notice} ${style[tone]}`}>
    <span className={style.mark}>
      {tone === 'danger' ? <CloseCircleFilled /> : <ExclamationCircleFilled />}
    </span>
    <div className={style.text}>
      <div>{title}</div>
      {children}
    </div>
    {action}
  </div>
)
