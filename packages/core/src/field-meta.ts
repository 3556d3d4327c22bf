// What a module says about a parameter besides its schema: titles, help, how it is shown.

import { z } from 'zod'
import type { ChoicesFrom, FieldCondition, FieldKind } from './form.ts'
import type { Text } from './text.ts'

export interface FieldMeta {
  readonly title: Text
  readonly help?: Text
  /** Only where the schema does not say it: textarea, radio, date, hosts … */
  readonly kind?: FieldKind
  readonly placeholder?: string
  /** With a pattern: what it asks for, in words; a person reads this and not the regular expression. */
  readonly format?: Text
  /** Titles of an enum's values; a value without one is its own title. */
  readonly choices?: Readonly<Record<string, Text>>
  readonly choicesFrom?: ChoicesFrom
  /** The schema must be optional; see `required`. */
  readonly when?: FieldCondition
  /** With `when`: required while it is shown, though the schema says optional. */
  readonly required?: boolean
}

/** Under this key the meta stands in a schema's registry entry, and so in the JSON Schema made from it. */
export const META_KEY = 'om'

/** For `.meta()`: `z.string().meta(field({ title: { zh: '服务', en: 'Service' } }))`. */
export const field = (meta: FieldMeta): { readonly title: string; readonly om: FieldMeta } => ({
  title: meta.title.en,
  om: meta,
})

export type SecretSchema = z.ZodObject<{ kind: z.ZodLiteral<'secret'>; ref: z.ZodString }>

/** A parameter whose value is a SecretRef: the server replaces what a person typed before a module sees it. */
export const secretParam = (meta: FieldMeta): SecretSchema =>
  z
    .object({ kind: z.literal('secret'), ref: z.string().min(1) })
    .meta(field({ ...meta, kind: 'secret' }))
