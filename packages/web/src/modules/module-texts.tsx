// What a module is called and says of itself, in both languages.

import type { CustomInput } from '@omserver/api'
import { Input } from 'antd'
import { useTexts } from '../i18n/index.ts'
import { Field } from '../ui/index.ts'
import type { ProblemSays } from './draft-problems.ts'
import style from './modules.module.css'
import { TwoTexts } from './two-texts.tsx'

interface ModuleTextsProps {
  readonly draft: CustomInput
  /** A published name stands in grants and links. */
  readonly nameFixed: boolean
  readonly says: ProblemSays
  readonly onChange: (part: Partial<CustomInput>) => void
}

export const ModuleTexts = ({ draft, nameFixed, says, onChange }: ModuleTextsProps) => {
  const { t } = useTexts()
  const inEach = (what: 'titleIn' | 'summaryIn') => ({
    zh: t(`maker.${what}.zh`),
    en: t(`maker.${what}.en`),
  })
  return (
    <div className={`om-stack ${style.narrow}`}>
      <Field
        id="custom-name"
        label={t('maker.name')}
        help={t(nameFixed ? 'maker.nameFixed' : 'maker.nameHelp')}
        error={says('what', 'name')}
        required
      >
        {(control) => (
          <Input
            {...control}
            className="om-code"
            disabled={nameFixed}
            spellCheck={false}
            autoCapitalize="off"
            placeholder="app.clean"
            value={draft.name}
            onChange={({ target }) => onChange({ name: target.value.trim() })}
          />
        )}
      </Field>
      <TwoTexts
        required
        labels={inEach('titleIn')}
        value={draft.title}
        error={says('what', 'title')}
        help={t('maker.oneWillDo')}
        onChange={(title) => onChange({ title })}
      />
      <TwoTexts
        long
        labels={inEach('summaryIn')}
        value={draft.summary}
        onChange={(summary) => onChange({ summary })}
      />
    </div>
  )
}
