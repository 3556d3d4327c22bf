// A module as lines that people read, so that two versions can be compared line by line. Pure.

import type { CustomInput } from '@omserver/api'
import { inBoth, type Text } from '@omserver/core'

type Field = CustomInput['fields'][number]
type Table = NonNullable<CustomInput['table']>

/** A text of `maker.diff`. */
export type DiffWord =
  | 'name'
  | 'title'
  | 'summary'
  | 'dangerous'
  | 'timeout'
  | 'runAs'
  | 'field'
  | 'required'
  | 'help'
  | 'placeholder'
  | 'pattern'
  | 'format'
  | 'default'
  | 'choices'
  | 'choicesFrom'
  | 'when'
  | 'min'
  | 'max'
  | 'integer'
  | 'minLength'
  | 'maxLength'
  | 'table'
  | 'column'
  | 'script'

export interface DraftWords {
  readonly word: (word: DiffWord) => string
  readonly kind: (kind: Field['kind']) => string
}

/** Both sides where they differ. Texts in one language read as they will once they are saved. */
const both = (text: Text): string => {
  const { zh, en } = inBoth(text)
  return zh === en ? zh : `${zh} / ${en}`
}

const written = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value)

export const draftText = (draft: CustomInput, words: DraftWords): string => {
  const { word } = words
  const { dangerous, timeoutMs, runAs, table, script } = draft
  const line = (name: DiffWord, value: string) => `${word(name)}: ${value}`
  return [
    line('name', draft.name),
    line('title', both(draft.title)),
    line('summary', both(draft.summary)),
    ...(dangerous === undefined ? [] : [line('dangerous', both(dangerous))]),
    ...(timeoutMs === undefined ? [] : [line('timeout', `${timeoutMs / 1000} s`)]),
    ...(runAs === undefined ? [] : [line('runAs', `${runAs.user} (${runAs.method})`)]),
    ...draft.fields.flatMap((field) => fieldLines(field, words)),
    ...(table === undefined ? [] : tableLines(table, words)),
    `${word('script')}: ${script.interpreter}`,
    ...script.content.replace(/\n$/, '').split('\n'),
    '',
  ].join('\n')
}

const fieldLines = (field: Field, { word, kind }: DraftWords): readonly string[] => {
  const from = field.choicesFrom
  const facts: readonly (readonly [DiffWord, string | undefined])[] = [
    ['help', field.help && both(field.help)],
    ['placeholder', field.placeholder],
    ['pattern', field.pattern],
    ['format', field.format && both(field.format)],
    ['default', field.default === undefined ? undefined : written(field.default)],
    [
      'choices',
      field.choices
        ?.map(({ value, title }) => (both(title) === value ? value : `${value} = ${both(title)}`))
        .join(', '),
    ],
    ['choicesFrom', from && Object.values(from).join(' ')],
    ['when', field.when && `${field.when.field} = ${field.when.in.join(', ')}`],
    ['minLength', field.minLength?.toString()],
    ['maxLength', field.maxLength?.toString()],
    ['min', field.min?.toString()],
    ['max', field.max?.toString()],
  ]
  const marks = [
    kind(field.kind),
    ...(field.required ? [word('required')] : []),
    ...(field.integer ? [word('integer')] : []),
  ]
  return [
    `${word('field')} ${field.name}: ${both(field.title)} (${marks.join(', ')})`,
    ...facts.flatMap(([name, value]) => (value ? [`  ${word(name)}: ${value}`] : [])),
  ]
}

const tableLines = ({ rows, columns }: Table, { word }: DraftWords): readonly string[] => {
  const { by, ...how } = rows
  return [
    `${word('table')}: ${[by, ...Object.entries(how).map(([key, value]) => `${key}=${value}`)].join(' ')}`,
    ...columns.map(
      ({ key, title, type }) =>
        `  ${word('column')} ${key}: ${both(title.zh === '' && title.en === '' ? { zh: key, en: key } : title)} (${type})`,
    ),
  ]
}
