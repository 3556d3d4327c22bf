// One line of text. The first pages use it in place of antd's, which brings a whole form library (29 KiB) along.

import { CloseCircleFilled } from '@ant-design/icons'
import { type ComponentProps, type ReactNode, useRef } from 'react'
import { useTexts } from '../i18n/index.ts'
import style from './text-input.module.css'

interface TextInputProps extends Omit<ComponentProps<'input'>, 'size' | 'onChange' | 'value'> {
  readonly value: string
  readonly onText: (text: string) => void
  readonly large?: boolean
  readonly wrong?: boolean
  /** A button that empties it, once there is something. */
  readonly clearable?: boolean
  /** At the end, within the frame. */
  readonly suffix?: ReactNode
}

export const TextInput = ({
  value,
  onText,
  large = false,
  wrong = false,
  clearable = false,
  suffix,
  className,
  ...rest
}: TextInputProps) => {
  const { t } = useTexts()
  const field = useRef<HTMLInputElement>(null)
  const looks = [style.frame, large ? style.large : '', wrong ? style.wrong : '', className ?? '']
  return (
    <span className={looks.join(' ')}>
      <input
        {...rest}
        ref={field}
        className={style.field}
        aria-invalid={wrong || undefined}
        value={value}
        onChange={({ target }) => onText(target.value)}
      />
      {clearable && value !== '' ? (
        <button
          type="button"
          className={style.clear}
          aria-label={t('ui.clear')}
          onClick={() => {
            onText('')
            field.current?.focus()
          }}
        >
          <CloseCircleFilled />
        </button>
      ) : null}
      {suffix}
    </span>
  )
}
