// Asks before something that cannot be taken back: in words, and the number must be typed.

import { Input, Modal } from 'antd'
import { type ReactNode, useId, useState } from 'react'
import { useTexts } from '../i18n/index.ts'
import { ErrorNotice } from './error-notice.tsx'

interface ConfirmByTypingProps {
  readonly title: string
  /** What will happen, to what. */
  readonly children: ReactNode
  /** What must be typed: a number of hosts, a name. */
  readonly expected: string
  /** The deed, on the button: “Delete 37 hosts”. */
  readonly action: string
  readonly busy: boolean
  readonly error?: unknown
  readonly onConfirm: () => void
  readonly onClose: () => void
}

/** Rendered only while it is open. */
export const ConfirmByTyping = (props: ConfirmByTypingProps) => {
  const { t } = useTexts()
  const id = useId()
  const [typed, setTyped] = useState('')
  const matches = typed.trim().replaceAll(/[,，\s]/g, '') === props.expected.replaceAll(/\s/g, '')
  return (
    <Modal
      open
      title={props.title}
      okText={props.action}
      okButtonProps={{ danger: true, disabled: !matches, loading: props.busy }}
      cancelText={t('ui.cancel')}
      onCancel={props.onClose}
      onOk={props.onConfirm}
    >
      <form
        className="om-stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (matches && !props.busy) props.onConfirm()
        }}
      >
        <div>{props.children}</div>
        <label htmlFor={id}>{t('ui.typeToConfirm', { expected: props.expected })}</label>
        <Input
          id={id}
          autoFocus
          autoComplete="off"
          inputMode={/^\d+$/.test(props.expected) ? 'numeric' : 'text'}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <ErrorNotice error={props.error} />
      </form>
    </Modal>
  )
}
