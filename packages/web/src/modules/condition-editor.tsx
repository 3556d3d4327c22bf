// When a field is shown: always, or only while another one has one of some values.

import type { CustomInput } from '@omserver/api'
import { Select } from 'antd'
import { useTexts } from '../i18n/index.ts'
import { Field as Labelled } from '../ui/index.ts'
import { conditionValue } from './condition-value.ts'
import style from './modules.module.css'

type Field = CustomInput['fields'][number]
type Value = NonNullable<Field['when']>['in'][number]

interface ConditionEditorProps {
  readonly when: Field['when']
  readonly others: readonly Field[]
  readonly error: string | undefined
  readonly onChange: (when: Field['when']) => void
}

export const ConditionEditor = ({ when, others, error, onChange }: ConditionEditorProps) => {
  const { t, say } = useTexts()
  const other = others.find(({ name }) => name === when?.field)
  const isYesNo =
    other?.kind === 'switch' || (other?.kind === 'checkbox' && (other.choices ?? []).length === 0)
  const options = isYesNo
    ? [
        { value: 'true', label: t('maker.on') },
        { value: 'false', label: t('maker.off') },
      ]
    : (other?.choices ?? []).map(({ value, title }) => ({ value, label: say(title) }))
  return (
    <Labelled label={t('maker.when')} error={error}>
      {(control) => (
        <div className={style.foot}>
          <Select
            {...control}
            className={style.fieldWhen}
            value={when?.field ?? ''}
            options={[
              { value: '', label: t('maker.whenAlways') },
              ...others.map((one) => ({
                value: one.name,
                label: t('maker.whenOnly', { title: say(one.title) || one.name }),
              })),
            ]}
            onChange={(field) => onChange(field === '' ? undefined : { field, in: [] })}
          />
          {when === undefined ? null : (
            <Select
              className={style.fieldWhen}
              mode={options.length > 0 ? 'multiple' : 'tags'}
              value={when.in.map(String)}
              aria-label={t('maker.whenValues')}
              placeholder={t('maker.whenValues')}
              tokenSeparators={[',']}
              options={options}
              onChange={(next: string[]) =>
                onChange({
                  ...when,
                  in: next.map((text): Value => conditionValue(other?.kind, text)),
                })
              }
            />
          )}
        </div>
      )}
    </Labelled>
  )
}
