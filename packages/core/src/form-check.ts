// Checks what was typed into a form: which fields are shown, and what is wrong with their values, by field.

import type { z } from 'zod'
import type { FormField } from './form.ts'
import { fillText, problemTexts } from './problem-codes.ts'
import type { Text } from './text.ts'

export interface FieldProblem {
  /** '' when the input as a whole is wrong. */
  readonly field: string
  readonly code: string
  readonly message: Text
}

export type CheckedParams<P extends z.ZodObject> =
  | { readonly ok: true; readonly params: z.output<P> }
  | { readonly ok: false; readonly problems: FieldProblem[] }

type Values = Readonly<Record<string, unknown>>

/** The fields a person sees with these values: those without `when`, and those whose `when` holds. */
export const shownFields = (fields: readonly FormField[], values: Values): FormField[] => {
  const named = new Map(fields.map((form) => [form.name, form]))
  const isShown = (form: FormField, depth: number): boolean => {
    if (!form.when) return true
    const other = named.get(form.when.field)
    if (!other || depth > fields.length || !isShown(other, depth + 1)) return false
    const given = values[other.name] ?? other.default
    const any = Array.isArray(given) ? given : [given]
    return form.when.in.some((value) => any.includes(value))
  }
  return fields.filter((form) => isShown(form, 0))
}

/** Names of the fields whose values are secrets. */
export const secretFields = (fields: readonly FormField[]): string[] =>
  fields.filter(({ kind }) => kind === 'secret').map(({ name }) => name)

/**
 * Parses an input by the schema of a module and the form made of it. A hidden field is dropped unread; null and
 * the empty text of an optional field without a default count as not given. Every problem names its field: see
 * the FIELD_ codes in problem-codes.ts, and PARAM_UNKNOWN for a field that is none of the form's.
 */
export const checkParams = <P extends z.ZodObject>(
  params: P,
  fields: readonly FormField[],
  input: unknown,
): CheckedParams<P> => {
  if (!isRecord(input))
    return { ok: false, problems: [problem('', 'FIELD_TYPE', { expected: 'object' })] }
  const named = new Map(fields.map((form) => [form.name, form]))
  const given = Object.entries(input).filter(([name, value]) => !isBlank(named.get(name), value))
  const shown = new Set(shownFields(fields, Object.fromEntries(given)).map(({ name }) => name))
  const values = Object.fromEntries(given.filter(([name]) => shown.has(name)))
  const problems = [
    ...Object.keys(input)
      .filter((name) => !named.has(name))
      .map((name) => problem(name, 'PARAM_UNKNOWN', { name, known: [...named.keys()].join(', ') })),
    ...fields
      .filter(
        ({ name, required, default: preset }) =>
          required && preset === undefined && shown.has(name),
      )
      .filter(({ name }) => !Object.hasOwn(values, name))
      .map(({ name }) => problem(name, 'FIELD_REQUIRED', {})),
  ]
  const parsed = params.safeParse(values)
  if (parsed.success && problems.length === 0) return { ok: true, params: parsed.data }
  const missing = new Set(problems.map((found) => found.field))
  const wrong = (parsed.error?.issues ?? [])
    .map((issue) => problemOfIssue(issue, named))
    .filter((found) => !missing.has(found.field))
  return { ok: false, problems: [...problems, ...wrong] }
}

const isRecord = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a browser sends for a field nobody filled in. A required field is not satisfied by it either. */
const isBlank = (form: FormField | undefined, value: unknown): boolean => {
  if (value === null || value === undefined) return true
  if (value !== '' && !(Array.isArray(value) && value.length === 0)) return false
  return form !== undefined && (form.required || form.default === undefined)
}

const problem = (
  name: string,
  code: keyof typeof problemTexts,
  details: Readonly<Record<string, unknown>>,
): FieldProblem => ({ field: name, code, message: fillText(problemTexts[code], details) })

const problemOfIssue = (
  issue: z.core.$ZodIssue,
  fields: ReadonlyMap<string, FormField>,
): FieldProblem => {
  const [name = '', ...deeper] = issue.path.map(String)
  const own = ownText(issue)
  if (own) return { field: name, code: 'FIELD_INVALID', message: own }
  const [code, details] = codeOf(issue)
  const isFormat = code === 'FIELD_PATTERN' || issue.code === 'invalid_union'
  const format = isFormat ? fields.get(name)?.format : undefined
  const found = format ? problem(name, 'FIELD_PATTERN', { format }) : problem(name, code, details)
  // The member of a list, counted as people count.
  const member =
    deeper.length > 0
      ? `[${deeper.map((part) => (/^\d+$/.test(part) ? Number(part) + 1 : part)).join('.')}] `
      : ''
  return { ...found, message: { zh: member + found.message.zh, en: member + found.message.en } }
}

/** What does not fit, in both languages; undefined where only zod has words for it. */
export const issueText = (issue: z.core.$ZodIssue): Text | undefined => {
  const [code, details] = codeOf(issue)
  return code === 'FIELD_INVALID' ? undefined : fillText(problemTexts[code], details)
}

/** `refine(…, { params: { zh, en } })` of a module speaks both languages, `{ error: '…' }` one. */
const ownText = (issue: z.core.$ZodIssue): Text | undefined => {
  if (issue.code !== 'custom') return undefined
  const { zh, en } = issue.params ?? {}
  return typeof zh === 'string' && typeof en === 'string'
    ? { zh, en }
    : { zh: issue.message, en: issue.message }
}

const codeOf = (
  issue: z.core.$ZodIssue,
): [keyof typeof problemTexts, Readonly<Record<string, unknown>>] => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined && !/received (?!undefined)/.test(issue.message)
        ? ['FIELD_REQUIRED', {}]
        : issue.expected === 'int'
          ? ['FIELD_INTEGER', {}]
          : ['FIELD_TYPE', { expected: issue.expected }]
    case 'too_small':
      if (issue.origin === 'string') return ['FIELD_TOO_SHORT', { min: Number(issue.minimum) }]
      return issue.origin === 'array'
        ? ['FIELD_TOO_FEW', { min: Number(issue.minimum) }]
        : ['FIELD_TOO_SMALL', { min: String(issue.minimum), sign: issue.inclusive ? '≥' : '>' }]
    case 'too_big':
      if (issue.origin === 'string') return ['FIELD_TOO_LONG', { max: Number(issue.maximum) }]
      return issue.origin === 'array'
        ? ['FIELD_TOO_MANY', { max: Number(issue.maximum) }]
        : ['FIELD_TOO_BIG', { max: String(issue.maximum), sign: issue.inclusive ? '≤' : '<' }]
    case 'invalid_value':
      return ['FIELD_CHOICE', { choices: issue.values.map(String).slice(0, 30).join(', ') }]
    case 'invalid_format':
      return [
        'FIELD_PATTERN',
        { format: issue.format === 'regex' ? (issue.pattern ?? '') : issue.format },
      ]
    default:
      return ['FIELD_INVALID', { message: issue.message }]
  }
}
