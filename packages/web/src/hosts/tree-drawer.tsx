// The label tree on a phone, where there is no room beside the list.

import { Drawer } from 'antd'
import type { ReactNode } from 'react'
import { useTexts } from '../i18n/index.ts'

interface TreeDrawerProps {
  readonly onClose: () => void
  readonly children: ReactNode
}

export const TreeDrawer = ({ onClose, children }: TreeDrawerProps) => {
  const { t } = useTexts()
  return (
    <Drawer open placement="left" size={300} title={t('hosts.tree')} onClose={onClose}>
      {children}
    </Drawer>
  )
}
