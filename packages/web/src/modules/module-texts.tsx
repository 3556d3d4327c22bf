// What a module is called and says of itself, in both languages.

import type { CustomInput } from '@omserver/api'
import { Form, Input } from 'antd'
import { useTexts } from '../i18n/index.ts'
import style from './modules.module.css'

const langs = ['zh', 'en'] as const

interface ModuleTextsProps {
  readonly draft: CustomInput
  /** A published name stands in grants and links. */
  readonly nameFixed: boolean
  readonly onChange: (part: Partial<CustomInput>) => void
}

export const ModuleTexts = ({ draft, nameFixed, onChange }: ModuleTextsProps) => {
  const { t } = useTexts()
  return (
    <Form layout="vertical" component="div" className={style.narrow}>
      <Form.Item
        label={t('modules.name')}
        htmlFor="custom-name"
        extra={t(nameFixed ? 'modules.nameFixed' : 'modules.nameHelp')}
        required
      >
        <Input
          id="custom-name"
          className="om-code"
          disabled={nameFixed}
          value={draft.name}
          onChange={({ target }) => onChange({ name: target.value })}
        />
      </Form.Item>
      {langs.map((one) => (
        <Form.Item
          key={one}
          label={t(`modules.titleIn.${one}`)}
          htmlFor={`custom-title-${one}`}
          required
        >
          <Input
            id={`custom-title-${one}`}
            value={draft.title[one]}
            onChange={({ target }) => onChange({ title: { ...draft.title, [one]: target.value } })}
          />
        </Form.Item>
      ))}
      {langs.map((one) => (
        <Form.Item
          key={one}
          label={t(`modules.summaryIn.${one}`)}
          htmlFor={`custom-summary-${one}`}
        >
          <Input.TextArea
            id={`custom-summary-${one}`}
            autoSize
            value={draft.summary[one]}
            onChange={({ target }) =>
              onChange({ summary: { ...draft.summary, [one]: target.value } })
            }
          />
        </Form.Item>
      ))}
    </Form>
  )
}
