// A module made in the web page, as data: a form and a script. Becomes a module like any other.

import { z } from 'zod'
import type { Interpreter, RunAs, ScriptAction } from './action.ts'
import { type FormField, fieldKinds } from './form.ts'
import { secretFields } from './form-check.ts'
import { schemaOfForm } from './form-schema.ts'
import type { Json } from './json.ts'
import { isModuleName, type Module, type ModuleCategory, moduleCategories } from './module.ts'
import { Problem } from './problem.ts'
import { fillScript, templateParams } from './script-template.ts'
import { parseTable, type TableSpec } from './table.ts'
import { inBoth, isBlank, type Text } from './text.ts'

export interface CustomModule {
  readonly name: string
  readonly title: Text
  readonly summary: Text
  readonly category: ModuleCategory
  readonly fields: readonly FormField[]
  /** `{{name}}` in the content is a field; see script-template.ts. */
  readonly script: { readonly interpreter: Interpreter; readonly content: string }
  readonly dangerous?: Text
  readonly timeoutMs?: number
  readonly table?: TableSpec
  readonly runAs?: Pick<RunAs, 'user' | 'method'>
}

const text = z.object({ zh: z.string().min(1).max(2000), en: z.string().min(1).max(2000) })

const fieldSchema = z.object({
  name: z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]{0,63}$/),
  kind: z.enum(fieldKinds),
  title: text,
  help: text.optional(),
  placeholder: z.string().max(500).optional(),
  required: z.boolean(),
  default: z.json().optional(),
  choices: z
    .array(z.object({ value: z.string().max(500), title: text }))
    .max(1000)
    .optional(),
  choicesFrom: z
    .discriminatedUnion('from', [
      z.object({ from: z.literal('label'), label: z.string().min(1).max(64) }),
      z.object({ from: z.literal('fact'), fact: z.string().min(1).max(200) }),
      z.object({ from: z.literal('command'), command: z.string().min(1).max(4000) }),
    ])
    .optional(),
  when: z
    .object({
      field: z.string(),
      in: z.array(z.union([z.string(), z.number(), z.boolean()])).max(100),
    })
    .optional(),
  pattern: z.string().max(500).optional(),
  format: text.optional(),
  minLength: z.number().int().min(0).optional(),
  maxLength: z.number().int().min(0).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  integer: z.boolean().optional(),
})

const tableSchema = z.object({
  columns: z
    .array(
      z.object({
        key: z.string().min(1).max(64),
        title: text,
        type: z.enum(['text', 'number', 'bytes', 'percent', 'seconds', 'time']),
      }),
    )
    .min(1)
    .max(50),
  rows: z.discriminatedUnion('by', [
    z.object({
      by: z.literal('split'),
      at: z.string().min(1).max(10).optional(),
      skip: z.number().int().min(0).optional(),
    }),
    z.object({ by: z.literal('match'), pattern: z.string().max(1000) }),
    z.object({ by: z.literal('keyValue'), at: z.string().min(1).max(10) }),
  ]),
})

/** The shape only. Whether form and script fit together: `moduleOfCustom`. */
export const customModuleSchema: z.ZodType<CustomModule> = z.object({
  name: z.string().refine(isModuleName),
  title: text,
  summary: text,
  category: z.enum(moduleCategories),
  fields: z.array(fieldSchema).max(100),
  script: z.object({
    interpreter: z.enum(['sh', 'bash', 'python3', 'perl']),
    content: z.string().min(1).max(256_000),
  }),
  dangerous: text.optional(),
  timeoutMs: z.number().int().min(1000).max(86_400_000).optional(),
  table: tableSchema.optional(),
  runAs: z.object({ user: z.string().min(1).max(64), method: z.enum(['sudo', 'su']) }).optional(),
})

/**
 * Throws Problem MODULE_NAME_BAD {name}, FIELD_BAD {field, part} (see schemaOfForm), TEMPLATE_PARAM_UNKNOWN and
 * TEMPLATE_PARAM_PLACE {name, line} (see fillScript): call it before a custom module is saved.
 */
export const moduleOfCustom = (custom: CustomModule): Module => {
  if (!isModuleName(custom.name)) throw new Problem('MODULE_NAME_BAD', { name: custom.name })
  const params = schemaOfForm(custom.fields)
  refuseBadScript(custom)
  const { name, title, summary, category, dangerous, timeoutMs, table } = custom
  return {
    name,
    title,
    summary,
    category,
    params,
    action: (values) => scriptOf(custom, values as Readonly<Record<string, Json>>),
    ...(dangerous && { dangerous }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(table && { table }),
  }
}

/**
 * As it is kept: what was written in one language stands in for the other, a text left blank is none.
 * Throws Problem MODULE_TEXT_MISSING {part}, FIELD_BAD {field, part}, TABLE_PATTERN {pattern}, and those of
 * `moduleOfCustom`.
 */
export const finishCustom = <T extends CustomModule>(custom: T): T => {
  const { title, summary, dangerous, table } = custom
  if (isBlank(title)) throw missing('名称', 'title')
  if (dangerous && isBlank(dangerous)) throw missing('危险原因', 'reason why it is dangerous')
  const untitled = custom.fields.find((form) => isBlank(form.title))
  if (untitled) throw new Problem('FIELD_BAD', { field: untitled.name, part: 'title' })
  // Finds a pattern that does not compile.
  if (table) parseTable(table, '')
  const finished: T = {
    ...custom,
    title: inBoth(title),
    summary: inBoth(summary),
    fields: custom.fields.map(finishField),
    ...(dangerous && { dangerous: inBoth(dangerous) }),
    ...(table && {
      table: {
        ...table,
        columns: table.columns.map((column) => ({
          ...column,
          title: isBlank(column.title) ? { zh: column.key, en: column.key } : inBoth(column.title),
        })),
      },
    }),
  }
  moduleOfCustom(finished)
  return finished
}

const missing = (zh: string, en: string): Problem =>
  new Problem('MODULE_TEXT_MISSING', { part: { zh, en } })

const finishField = ({ help, format, placeholder, choices, ...form }: FormField): FormField => ({
  ...form,
  title: inBoth(form.title),
  ...(help && !isBlank(help) && { help: inBoth(help) }),
  ...(format && !isBlank(format) && { format: inBoth(format) }),
  ...(placeholder !== undefined && placeholder !== '' && { placeholder }),
  ...(choices && {
    choices: choices.map(({ value, title }) => ({
      value,
      title: isBlank(title) ? { zh: value, en: value } : inBoth(title),
    })),
  }),
})

const scriptOf = (
  { script, fields, runAs }: CustomModule,
  values: Readonly<Record<string, Json>>,
): ScriptAction => {
  // A field that was left out or is hidden has no value, and its placeholder is filled with nothing.
  const blank = Object.fromEntries(fields.map(({ name }) => [name, undefined]))
  const secrets = new Set(secretFields(fields).filter((name) => values[name] !== undefined))
  const { content, env } = fillScript(
    script.interpreter,
    script.content,
    { ...blank, ...values },
    secrets,
  )
  return {
    kind: 'script',
    interpreter: script.interpreter,
    content,
    ...(Object.keys(env).length > 0 && { env }),
    ...(runAs && { runAs }),
  }
}

/** Fills the script once with a value of each field's kind, so that a bad place is found when it is written. */
const refuseBadScript = ({ script, fields }: CustomModule): void => {
  const samples = Object.fromEntries(fields.map((form) => [form.name, sampleOf(form)]))
  fillScript(script.interpreter, script.content, samples, new Set(secretFields(fields)))
}

const sampleOf = (form: FormField): Json => {
  if (form.kind === 'number') return 1
  if (form.kind === 'list' || form.kind === 'multiSelect') return ['a']
  if (form.kind === 'checkbox' && form.choices) return ['a']
  return form.kind === 'switch' || form.kind === 'checkbox' ? true : 'a'
}

/** Fields the script never uses: not wrong, but worth a word to whoever writes it. */
export const unusedFields = ({ script, fields }: CustomModule): string[] => {
  const used = new Set(templateParams(script.content))
  return fields.map(({ name }) => name).filter((name) => !used.has(name))
}
