// A form at the side of the page: what is typed is kept until it is saved, or given up in words.

import { Button, Drawer } from 'antd'
import type { ReactNode } from 'react'
import { useTexts } from '../i18n/index.ts'
import { ActionButton } from './action-button.tsx'
import type { useUnsaved } from './use-unsaved.tsx'

export const FormDrawer = ({
  title,
  unsaved,
  ready,
  busy,
  onSave,
  onClose,
  children,
}: {
  readonly title: string
  readonly unsaved: ReturnType<typeof useUnsaved>
  /** Whatever is required is there. */
  readonly ready: boolean
  readonly busy: boolean
  readonly onSave: () => void
  readonly onClose: () => void
  readonly children: ReactNode
}) => {
  const { t } = useTexts()
  const leave = () => unsaved.leave(onClose)
  return (
    <Drawer
      open
      size={520}
      title={title}
      onClose={leave}
      footer={
        <div className="om-row">
          <ActionButton
            type="primary"
            inSight
            loading={busy}
            blocked={ready ? undefined : t('ui.fillRequired')}
            onClick={onSave}
          >
            {t('ui.save')}
          </ActionButton>
          <Button onClick={leave}>{t('ui.cancel')}</Button>
        </div>
      }
    >
      <form
        className="om-stack"
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault()
          onSave()
        }}
      >
        {children}
        <button type="submit" hidden />
      </form>
      {unsaved.question}
    </Drawer>
  )
}
