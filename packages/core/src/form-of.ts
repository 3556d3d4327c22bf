// The form of a module, derived from its Zod schema and the meta of its parameters.

import { z } from 'zod'
import { type FieldMeta, META_KEY } from './field-meta.ts'
import type { Choice, FieldKind, FormField } from './form.ts'
import type { Json } from './json.ts'

/** The parts of a JSON Schema a form is made from. */
interface Schema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly format?: string
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly default?: Json
  readonly title?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly [META_KEY]?: FieldMeta
}

/**
 * The fields of a form, in the order of the schema. The JSON Schema of the input is read, so that wrappers
 * (`default`, `optional`, `nullable`, transforms) need no care here. A pattern with flags is not shown in the
 * form; the schema still checks it.
 */
export const formOf = (params: z.ZodObject): FormField[] => {
  const schema = z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' }) as {
    readonly properties?: Readonly<Record<string, Schema>>
    readonly required?: readonly string[]
  }
  const required = new Set(schema.required)
  return Object.entries(schema.properties ?? {}).map(([name, property]) =>
    fieldOf(name, property, required.has(name)),
  )
}

const fieldOf = (name: string, property: Schema, required: boolean): FormField => {
  const schema = withoutNull(property)
  const meta = property[META_KEY] ?? schema[META_KEY]
  const kind = meta?.kind ?? kindOf(schema, meta)
  const given = property.title ?? schema.title ?? name
  const list = schema.type === 'array'
  const text = schema.type === 'string'
  const number = schema.type === 'number' || schema.type === 'integer'
  return definedOnly({
    name,
    kind,
    title: meta?.title ?? { zh: given, en: given },
    help: meta?.help,
    placeholder: meta?.placeholder,
    required: required || meta?.required === true,
    default: property.default ?? schema.default,
    choices: choicesOf(list ? (schema.items ?? {}) : schema, meta),
    choicesFrom: meta?.choicesFrom,
    when: meta?.when,
    pattern: text && kind !== 'date' ? wholePattern(schema.pattern) : undefined,
    format: meta?.format,
    minLength: text ? schema.minLength : list ? schema.minItems : undefined,
    maxLength: text ? schema.maxLength : list ? schema.maxItems : undefined,
    min: number ? bound(schema.minimum) : undefined,
    max: number ? bound(schema.maximum) : undefined,
    integer: schema.type === 'integer' ? true : undefined,
  })
}

const definedOnly = (form: FormField): FormField =>
  Object.fromEntries(
    Object.entries(form).filter(([, value]) => value !== undefined),
  ) as unknown as FormField

const withoutNull = (schema: Schema): Schema => {
  const rest = schema.anyOf?.filter(({ type }) => type !== 'null') ?? []
  return rest.length === 1 && rest[0] ? rest[0] : schema
}

const kindOf = (schema: Schema, meta: FieldMeta | undefined): FieldKind => {
  if (schema.type === 'array')
    return valuesOf(schema.items ?? {}) || meta?.choicesFrom ? 'multiSelect' : 'list'
  if (valuesOf(schema) || meta?.choicesFrom) return 'select'
  if (schema.type === 'boolean') return 'switch'
  if (schema.type === 'number' || schema.type === 'integer') return 'number'
  if (schema.type === 'string') return schema.format === 'date' ? 'date' : 'text'
  return 'textarea'
}

/** Of an enum, a literal, or a union of literals; undefined when it is none of them. */
const valuesOf = (schema: Schema): readonly string[] | undefined => {
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const])
  if (values) return values.every((value) => typeof value === 'string') ? values : undefined
  const each = schema.anyOf?.map(valuesOf) ?? []
  return each.length > 0 && each.every((part) => part !== undefined) ? each.flat() : undefined
}

const choicesOf = (schema: Schema, meta: FieldMeta | undefined): Choice[] | undefined =>
  valuesOf(schema)?.map((value) => ({
    value,
    title: meta?.choices?.[value] ?? { zh: value, en: value },
  }))

// z.number().int() brings the bounds of exact integers with it: no news to a person.
const bound = (value: number | undefined): number | undefined =>
  value !== undefined && Math.abs(value) === Number.MAX_SAFE_INTEGER ? undefined : value

/** A FormField's pattern matches the whole text; a schema's may match a part of it. */
const wholePattern = (pattern: string | undefined): string | undefined => {
  if (pattern === undefined) return undefined
  const wrapped = /^\^\(\?:(.*)\)\$$/s.exec(pattern)?.[1]
  if (wrapped !== undefined && isPattern(wrapped)) return wrapped
  return pattern.startsWith('^') && /[^\\]\$$/.test(pattern) && !pattern.includes('|')
    ? pattern.slice(1, -1)
    : `[\\s\\S]*(?:${pattern})[\\s\\S]*`
}

const isPattern = (text: string): boolean => {
  try {
    return new RegExp(text) instanceof RegExp
  } catch {
    return false
  }
}
