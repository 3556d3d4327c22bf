// The Zod schema of a form made in the web page, and what is wrong with the form itself.

import { z } from 'zod'
import { type FieldMeta, field, secretParam } from './field-meta.ts'
import type { FormField } from './form.ts'
import { shownFields } from './form-check.ts'
import type { Json } from './json.ts'
import { Problem } from './problem.ts'

export type FormSchema = z.ZodObject<Readonly<Record<string, z.ZodType<Json | undefined>>>>

/**
 * Throws Problem FIELD_BAD {field, part} for a form that cannot work: a name that is no identifier or is taken
 * (names differ in more than case), choices that are missing, a pattern that does not compile, a default the
 * field itself refuses, `when` of an unknown field or in a circle. A field with `when` is neither required nor
 * kept while it is hidden.
 */
export const schemaOfForm = (fields: readonly FormField[]): FormSchema => {
  refuseBadNames(fields)
  refuseBadConditions(fields)
  const inner = new Map(fields.map((form) => [form.name, schemaOf(form)]))
  const shape = Object.fromEntries(
    [...inner].map(([name, schema]) => {
      if (!fields.some((form) => form.name === name && form.when)) return [name, schema]
      // Checked below, once it is known whether it is shown. Its JSON Schema is that of the real one.
      const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input' })
      return [name, z.unknown().optional().meta(json) as z.ZodType<Json | undefined>]
    }),
  )
  const conditional = fields.filter(({ when }) => when)
  const schema = z.object(shape)
  if (conditional.length === 0) return schema
  return schema
    .overwrite((values) => {
      const shown = new Set(shownFields(fields, values).map(({ name }) => name))
      const kept = { ...values }
      for (const { name, default: preset } of conditional) {
        if (!shown.has(name)) delete kept[name]
        else if (kept[name] === undefined && preset !== undefined) kept[name] = preset
      }
      return kept
    })
    .superRefine((values, context) => {
      const shown = new Set(shownFields(fields, values).map(({ name }) => name))
      for (const { name, required } of conditional) {
        const value = values[name]
        if (!shown.has(name) || (value === undefined && !required)) continue
        const checked = inner.get(name)?.safeParse(value)
        for (const issue of checked?.error?.issues ?? [])
          context.addIssue({ ...issue, path: [name, ...issue.path] } as Parameters<
            typeof context.addIssue
          >[0])
      }
    })
}

const metaOf = (form: FormField): FieldMeta => ({
  title: form.title,
  kind: form.kind,
  ...(form.help && { help: form.help }),
  ...(form.placeholder !== undefined && { placeholder: form.placeholder }),
  ...(form.choices && {
    choices: Object.fromEntries(form.choices.map(({ value, title }) => [value, title])),
  }),
  ...(form.format && { format: form.format }),
  ...(form.choicesFrom && { choicesFrom: form.choicesFrom }),
  ...(form.when && { when: form.when, required: form.required }),
})

const schemaOf = (form: FormField): z.ZodType<Json | undefined> => {
  const meta = metaOf(form)
  const base: z.ZodType<Json> =
    form.kind === 'secret' ? secretParam(meta) : valueSchema(form).meta(field(meta))
  if (form.default === undefined) return form.required ? base : base.optional()
  if (!base.safeParse(form.default).success) throw bad(form, 'default')
  return base.default(form.default)
}

const valueSchema = (form: FormField): z.ZodType<Json> => {
  const values = form.choices?.map(({ value }) => value) ?? []
  if (new Set(values).size !== values.length) throw bad(form, 'choices')
  switch (form.kind) {
    case 'number':
      return numberSchema(form)
    case 'switch':
      return z.boolean()
    case 'checkbox':
      return values.length === 0 ? z.boolean() : listSchema(form, values)
    case 'multiSelect':
      if (values.length === 0 && !form.choicesFrom) throw bad(form, 'choices')
      return listSchema(form, values)
    case 'list':
      return listSchema(form, values)
    case 'select':
    case 'radio':
      if (values.length === 0 && !form.choicesFrom) throw bad(form, 'choices')
      return values.length === 0 ? textSchema(form) : z.enum(values)
    case 'date':
      return z.iso.date()
    case 'text':
    case 'textarea':
    case 'hosts':
    case 'secret':
      return textSchema(form)
  }
}

const textSchema = (form: FormField): z.ZodString => {
  let schema = z.string()
  if ((form.minLength ?? 0) > (form.maxLength ?? Number.MAX_SAFE_INTEGER))
    throw bad(form, 'minLength')
  if (form.minLength !== undefined) schema = schema.min(form.minLength)
  if (form.maxLength !== undefined) schema = schema.max(form.maxLength)
  if (form.pattern === undefined) return schema
  try {
    // On its own first: `a)(b` would become a pattern only by what is put round it.
    new RegExp(form.pattern)
    return schema.regex(new RegExp(`^(?:${form.pattern})$`))
  } catch {
    throw bad(form, 'pattern')
  }
}

const listSchema = (form: FormField, values: readonly string[]): z.ZodArray<z.ZodType<string>> => {
  let schema = z.array<z.ZodType<string>>(values.length === 0 ? z.string() : z.enum(values))
  if ((form.minLength ?? 0) > (form.maxLength ?? Number.MAX_SAFE_INTEGER))
    throw bad(form, 'minLength')
  if (form.minLength !== undefined) schema = schema.min(form.minLength)
  if (form.maxLength !== undefined) schema = schema.max(form.maxLength)
  return schema
}

const numberSchema = (form: FormField): z.ZodNumber => {
  if ((form.min ?? Number.NEGATIVE_INFINITY) > (form.max ?? Number.POSITIVE_INFINITY))
    throw bad(form, 'min')
  let schema = form.integer ? z.number().int() : z.number()
  if (form.min !== undefined) schema = schema.min(form.min)
  if (form.max !== undefined) schema = schema.max(form.max)
  return schema
}

const bad = (form: FormField, part: keyof FormField): Problem =>
  new Problem('FIELD_BAD', { field: form.name, part })

/** Names become variables of scripts (`OM_PARAM_NAME`, and `OM_PARAM_NAME__1` for the members of a list). */
const refuseBadNames = (fields: readonly FormField[]): void => {
  const taken = new Set<string>()
  for (const form of fields) {
    const key = form.name.toUpperCase()
    if (
      !/^[a-zA-Z][a-zA-Z0-9_]{0,63}$/.test(form.name) ||
      /__\d+$/.test(form.name) ||
      taken.has(key)
    )
      throw bad(form, 'name')
    taken.add(key)
  }
}

const refuseBadConditions = (fields: readonly FormField[]): void => {
  const named = new Map(fields.map((form) => [form.name, form]))
  for (const form of fields) {
    const seen = new Set<FormField>()
    for (let at: FormField | undefined = form; at?.when; at = named.get(at.when.field)) {
      if (seen.has(at) || !named.has(at.when.field)) throw bad(form, 'when')
      seen.add(at)
    }
  }
}
