// The script of a module: which interpreter reads it, and its lines.

import type { CustomInput } from '@omserver/api'
import { Input, Radio } from 'antd'
import { useTexts } from '../i18n/index.ts'
import style from './modules.module.css'

const interpreters = ['sh', 'bash', 'python3'] as const
type Script = CustomInput['script']

export const ScriptEditor = ({
  script,
  onChange,
}: {
  readonly script: Script
  readonly onChange: (script: Script) => void
}) => {
  const { t } = useTexts()
  return (
    <div className="om-stack">
      <Radio.Group
        aria-label={t('maker.interpreter')}
        value={script.interpreter}
        options={interpreters.map((one) => ({ value: one, label: one }))}
        onChange={({ target }) =>
          onChange({
            ...script,
            interpreter: interpreters.find((one) => one === target.value) ?? 'sh',
          })
        }
      />
      <p className={style.soft}>{t('maker.scriptHelp', { open: '{{', close: '}}' })}</p>
      <Input.TextArea
        className={style.code}
        aria-label={t('maker.tabScript')}
        autoSize={{ minRows: 12, maxRows: 40 }}
        spellCheck={false}
        value={script.content}
        onChange={({ target }) => onChange({ ...script, content: target.value })}
      />
    </div>
  )
}
