// An error where it happened: what is wrong and what to do, in the language of the screen.

import { Button } from 'antd'
import { errorMessage } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { Notice } from './notice.tsx'

interface ErrorNoticeProps {
  readonly error: unknown
  readonly onRetry?: (() => void) | undefined
  /** What was tried, as a heading. */
  readonly title?: string
}

export const ErrorNotice = ({ error, onRetry, title }: ErrorNoticeProps) => {
  const { t, lang } = useTexts()
  if (error === null || error === undefined) return null
  const { text, code } = errorMessage(error, lang)
  return (
    <Notice
      tone="danger"
      title={title ?? text}
      action={
        onRetry === undefined ? undefined : (
          <Button size="small" onClick={onRetry}>
            {t('ui.retry')}
          </Button>
        )
      }
    >
      {title === undefined ? null : <div>{text}</div>}
      {code === undefined ? null : <code className="om-code-name">{code}</code>}
    </Notice>
  )
}
