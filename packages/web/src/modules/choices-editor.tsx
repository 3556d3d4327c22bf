// Where the choices of a field come from: written here, or asked of the hosts when the form is filled in.

import type { CustomInput } from '@omserver/api'
import type { FieldKind } from '@omserver/core'
import { Input, Select } from 'antd'
import { useTexts } from '../i18n/index.ts'
import { Field as Labelled } from '../ui/index.ts'
import { choicesText, parseChoices } from './choice-lines.ts'
import style from './modules.module.css'

type Field = CustomInput['fields'][number]
type From = NonNullable<Field['choicesFrom']>

const fromHosts: ReadonlySet<FieldKind> = new Set(['select', 'multiSelect'])
const sources = ['fixed', 'label', 'fact', 'command'] as const

const sourceOf = (from: From['from'], text: string): From => {
  switch (from) {
    case 'label':
      return { from, label: text }
    case 'fact':
      return { from, fact: text }
    case 'command':
      return { from, command: text }
  }
}

const textOf = (from: From): string => {
  switch (from.from) {
    case 'label':
      return from.label
    case 'fact':
      return from.fact
    case 'command':
      return from.command
  }
}

export const ChoicesEditor = ({
  field,
  error,
  onChange,
}: {
  readonly field: Field
  readonly error: string | undefined
  readonly onChange: (field: Field) => void
}) => {
  const { t } = useTexts()
  const { choicesFrom: from, ...rest } = field
  const { choices: _choices, ...bare } = rest
  const label = {
    fixed: t('maker.choicesFixed'),
    label: t('maker.choicesLabel'),
    fact: t('maker.choicesFact'),
    command: t('maker.choicesCommand'),
  } as const
  return (
    <>
      {fromHosts.has(field.kind) && (
        <Labelled label={t('maker.choicesBy')}>
          {(control) => (
            <Select<From['from'] | 'fixed'>
              {...control}
              className={style.fieldSource}
              value={from?.from ?? 'fixed'}
              options={sources.map((value) => ({ value, label: label[value] }))}
              onChange={(next) =>
                onChange(next === 'fixed' ? bare : { ...bare, choicesFrom: sourceOf(next, '') })
              }
            />
          )}
        </Labelled>
      )}
      {from === undefined ? (
        <Labelled label={t('maker.choices')} help={t('maker.choicesHelp')} error={error}>
          {(control) => (
            <Input.TextArea
              {...control}
              // Parsed when it is left: a line that is being typed is no choice yet.
              key={field.kind}
              autoSize={{ minRows: 2 }}
              defaultValue={choicesText(field.choices ?? [])}
              onBlur={({ target }) => onChange({ ...rest, choices: parseChoices(target.value) })}
            />
          )}
        </Labelled>
      ) : (
        <Labelled label={t(`maker.choicesWhat.${from.from}`)} error={error}>
          {(control) => (
            <Input
              {...control}
              className="om-code"
              value={textOf(from)}
              onChange={({ target }) =>
                onChange({ ...bare, choicesFrom: sourceOf(from.from, target.value) })
              }
            />
          )}
        </Labelled>
      )}
    </>
  )
}
