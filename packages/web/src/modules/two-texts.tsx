// A text in both languages: two fields side by side, of which one will do.

import type { Text } from '@omserver/core'
import { Input } from 'antd'
import { Field } from '../ui/index.ts'
import style from './modules.module.css'

const langs = ['zh', 'en'] as const

interface TwoTextsProps {
  readonly labels: Text
  readonly value: Text
  readonly onChange: (value: Text) => void
  readonly required?: boolean
  readonly error?: string | undefined
  readonly help?: string
  readonly long?: boolean
}

export const TwoTexts = (props: TwoTextsProps) => {
  const { labels, value, onChange, required = false } = props
  const Control = props.long === true ? LongText : Input
  return (
    <div className={style.two}>
      {langs.map((one) => (
        <Field
          key={one}
          label={labels[one]}
          required={required}
          error={one === 'zh' ? props.error : undefined}
          help={one === 'zh' ? props.help : undefined}
        >
          {(control) => (
            <Control
              {...control}
              value={value[one]}
              status={props.error === undefined ? '' : 'error'}
              maxLength={2000}
              onChange={({ target }) => onChange({ ...value, [one]: target.value })}
            />
          )}
        </Field>
      ))}
    </div>
  )
}

const LongText = (props: React.ComponentProps<typeof Input.TextArea>) => (
  <Input.TextArea autoSize {...props} />
)
