// Copies a text, and says that it did.

import { CheckOutlined, CopyOutlined } from '@ant-design/icons'
import { Button, Tooltip } from 'antd'
import { useEffect, useState } from 'react'
import { useTexts } from '../i18n/index.ts'

interface CopyButtonProps {
  /** Or what makes it, when that is work. */
  readonly text: string | (() => string)
  /** What is copied, for the tooltip and the name of the button; on the button itself when `shown`. */
  readonly label: string
  readonly shown?: boolean
}

/** Pages without https have no clipboard API; a selected field and the old command still work there. */
const copy = async (text: string): Promise<boolean> => {
  if (navigator.clipboard !== undefined && window.isSecureContext) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    )
  }
  const field = document.createElement('textarea')
  field.value = text
  field.style.position = 'fixed'
  field.style.opacity = '0'
  document.body.append(field)
  field.select()
  const done = document.execCommand('copy')
  field.remove()
  return done
}

export const CopyButton = ({ text, label, shown = false }: CopyButtonProps) => {
  const { t } = useTexts()
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle')
  useEffect(() => {
    if (state === 'idle') return
    const timer = setTimeout(() => setState('idle'), 2000)
    return () => clearTimeout(timer)
  }, [state])
  const says = state === 'copied' ? t('ui.copied') : state === 'failed' ? t('ui.copyFailed') : label
  const button = (
    <Button
      type={shown ? 'default' : 'text'}
      size={shown ? 'middle' : 'small'}
      icon={state === 'copied' ? <CheckOutlined aria-hidden /> : <CopyOutlined aria-hidden />}
      aria-label={shown ? undefined : says}
      onClick={async () =>
        setState((await copy(typeof text === 'string' ? text : text())) ? 'copied' : 'failed')
      }
    >
      {shown ? says : undefined}
    </Button>
  )
  return shown ? button : <Tooltip title={says}>{button}</Tooltip>
}
