// Where the choices of a field come from: written here, or asked of the hosts when the form is filled in.

import type { CustomInput } from '@omserver/api'
import type { FieldKind } from '@omserver/core'
import { Input, Select } from 'antd'
import { useTexts } from '../i18n/index.ts'
import { choicesText, parseChoices } from './choice-lines.ts'
import style from './modules.module.css'

type Field = CustomInput['fields'][number]
type From = NonNullable<Field['choicesFrom']>

const kinds: ReadonlySet<FieldKind> = new Set(['select', 'multiSelect', 'radio', 'checkbox'])
const fromHosts: ReadonlySet<FieldKind> = new Set(['select', 'multiSelect'])
const sources = ['fixed', 'label', 'fact', 'command'] as const

export const takesChoices = (kind: FieldKind): boolean => kinds.has(kind)

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
  onChange,
}: {
  readonly field: Field
  readonly onChange: (field: Field) => void
}) => {
  const { t } = useTexts()
  const { choicesFrom: from, ...rest } = field
  const { choices: _choices, ...bare } = rest
  const label = {
    fixed: t('modules.choicesFixed'),
    label: t('modules.choicesLabel'),
    fact: t('modules.choicesFact'),
    command: t('modules.choicesCommand'),
  } as const
  return (
    <>
      {fromHosts.has(field.kind) && (
        <Select<From['from'] | 'fixed'>
          className={style.fieldSource}
          value={from?.from ?? 'fixed'}
          aria-label={t('modules.choicesBy')}
          options={sources.map((value) => ({ value, label: label[value] }))}
          onChange={(next) =>
            onChange(next === 'fixed' ? bare : { ...bare, choicesFrom: sourceOf(next, '') })
          }
        />
      )}
      {from === undefined ? (
        <Input.TextArea
          // Parsed when it is left: a line that is being typed is no choice yet.
          key={field.kind}
          autoSize={{ minRows: 2 }}
          defaultValue={choicesText(field.choices ?? [])}
          aria-label={t('modules.choices')}
          placeholder={t('modules.choicesHelp')}
          onBlur={({ target }) => onChange({ ...rest, choices: parseChoices(target.value) })}
        />
      ) : (
        <Input
          className="om-code"
          value={textOf(from)}
          aria-label={t(`modules.choicesWhat.${from.from}`)}
          placeholder={t(`modules.choicesWhat.${from.from}`)}
          onChange={({ target }) =>
            onChange({ ...bare, choicesFrom: sourceOf(from.from, target.value) })
          }
        />
      )}
    </>
  )
}
