// stub
import { z } from 'zod'
import type { ChoicesFrom, FieldCondition, FieldKind, FormField } from './form.ts'
import type { SecretRef } from './secret.ts'
import type { Text } from './text.ts'
export interface FieldMeta {
  readonly title: Text
  readonly help?: Text
  readonly kind?: FieldKind
  readonly placeholder?: string
  /** Titles of an enum's values; a value without one is its own title. */
  readonly choices?: Readonly<Record<string, Text>>
  readonly choicesFrom?: ChoicesFrom
  readonly when?: FieldCondition
  /** With `when`: required while shown, though the schema says optional. */
  readonly required?: boolean
  readonly secret?: boolean
}
export const field = (meta: FieldMeta): { title: string; om: FieldMeta } => ({ title: meta.title.en, om: meta })
export const secretParam = (meta: FieldMeta): z.ZodType<SecretRef> => { throw new Error('not written yet') }
export const formOf = (params: z.ZodObject): FormField[] => { throw new Error('not written yet') }
export const schemaOfForm = (fields: readonly FormField[]): z.ZodObject => { throw new Error('not written yet') }
export const secretFields = (fields: readonly FormField[]): string[] => { throw new Error('not written yet') }
export interface FieldProblem { readonly field: string; readonly code: string; readonly message: Text }
export type CheckedParams<P extends z.ZodObject> = { readonly ok: true; readonly params: z.output<P> } | { readonly ok: false; readonly problems: FieldProblem[] }
export const checkParams = <P extends z.ZodObject>(params: P, fields: readonly FormField[], input: unknown): CheckedParams<P> => { throw new Error('not written yet') }
