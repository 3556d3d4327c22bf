// What is wrong with a module that is being made, each where it can be put right. The server checks again. Pure.

import type { CustomInput } from '@omserver/api'
import { isBlank, isModuleName } from '@omserver/core'
import { needsChoices } from './choice-kinds.ts'
import type { EditorTab } from './search.ts'

type Field = CustomInput['fields'][number]
type Table = NonNullable<CustomInput['table']>

export interface DraftProblem {
  readonly tab: EditorTab
  /** The place of the parameter in the form, or of the column in the table. */
  readonly index?: number
  readonly part:
    | 'name'
    | 'title'
    | 'choices'
    | 'pattern'
    | 'limits'
    | 'when'
    | 'dangerous'
    | 'timeout'
    | 'columns'
    | 'key'
    | 'at'
  /** A text of `maker.bad`. */
  readonly code:
    | 'moduleName'
    | 'title'
    | 'fieldName'
    | 'taken'
    | 'choices'
    | 'source'
    | 'pattern'
    | 'limits'
    | 'when'
    | 'reason'
    | 'timeout'
    | 'columns'
    | 'key'
    | 'at'
  /** Not written yet: told only once somebody wants to save. */
  readonly missing?: boolean
}

/** What is wrong there, in words; undefined: nothing that is to be told yet. */
export type ProblemSays = (
  tab: EditorTab,
  part: DraftProblem['part'],
  index?: number,
) => string | undefined

/** Seconds. */
export const timeoutLimits = { min: 1, max: 86_400 } as const

export const draftProblems = (draft: CustomInput): readonly DraftProblem[] => [
  ...(isModuleName(draft.name)
    ? []
    : ([{ tab: 'what', part: 'name', code: 'moduleName', missing: draft.name === '' }] as const)),
  ...(isBlank(draft.title)
    ? ([{ tab: 'what', part: 'title', code: 'title', missing: true }] as const)
    : []),
  ...draft.fields.flatMap((field, index) =>
    [...fieldProblems(field, draft.fields.slice(0, index), draft.fields)].map(
      (problem): DraftProblem => ({ tab: 'form', index, ...problem }),
    ),
  ),
  ...[...runningProblems(draft)].map((problem): DraftProblem => ({ tab: 'running', ...problem })),
]

type Found = Omit<DraftProblem, 'tab'>

function* fieldProblems(
  field: Field,
  before: readonly Field[],
  all: readonly Field[],
): Generator<Found> {
  if (!/^[a-zA-Z][a-zA-Z0-9_]{0,63}$/.test(field.name) || /__\d+$/.test(field.name))
    yield { part: 'name', code: 'fieldName' }
  else if (before.some(({ name }) => name.toUpperCase() === field.name.toUpperCase()))
    yield { part: 'name', code: 'taken' }
  if (isBlank(field.title)) yield { part: 'title', code: 'title', missing: true }
  const { choicesFrom: from } = field
  if (from === undefined && needsChoices(field.kind) && (field.choices ?? []).length === 0)
    yield { part: 'choices', code: 'choices', missing: true }
  if (from !== undefined && sourceOf(from).trim() === '')
    yield { part: 'choices', code: 'source', missing: true }
  if (field.pattern !== undefined && !compiles(field.pattern))
    yield { part: 'pattern', code: 'pattern' }
  const { min, max } = field
  if (Number.isNaN(min) || Number.isNaN(max) || (min ?? -Infinity) > (max ?? Infinity))
    yield { part: 'limits', code: 'limits' }
  const { when } = field
  if (when !== undefined && !all.some((one) => one !== field && one.name === when.field))
    yield { part: 'when', code: 'when' }
}

const sourceOf = (from: NonNullable<Field['choicesFrom']>): string => {
  switch (from.from) {
    case 'label':
      return from.label
    case 'fact':
      return from.fact
    case 'command':
      return from.command
  }
}

const compiles = (pattern: string): boolean => {
  try {
    new RegExp(pattern)
    return true
  } catch {
    return false
  }
}

function* runningProblems({ dangerous, timeoutMs, table }: CustomInput): Generator<Found> {
  if (dangerous !== undefined && isBlank(dangerous))
    yield { part: 'dangerous', code: 'reason', missing: true }
  const { min, max } = timeoutLimits
  const seconds = (timeoutMs ?? min * 1000) / 1000
  if (!Number.isInteger(seconds) || seconds < min || seconds > max)
    yield { part: 'timeout', code: 'timeout' }
  if (table !== undefined) yield* tableProblems(table)
}

function* tableProblems({ columns, rows }: Table): Generator<Found> {
  if (columns.length === 0) yield { part: 'columns', code: 'columns', missing: true }
  if (rows.by === 'keyValue' && rows.at === '') yield { part: 'at', code: 'at', missing: true }
  if (rows.by === 'match' && !compiles(rows.pattern)) yield { part: 'at', code: 'pattern' }
  for (const [index, { key }] of columns.entries()) {
    if (key.trim() === '') yield { index, part: 'key', code: 'key', missing: true }
    else if (columns.slice(0, index).some((one) => one.key === key))
      yield { index, part: 'key', code: 'taken' }
  }
}
