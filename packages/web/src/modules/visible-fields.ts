// Which fields of a form are shown: one that depends on another only while that one is shown and has the value.

import type { FormField, Json } from '@omserver/core'

export const isVisible = (
  field: FormField,
  fields: readonly FormField[],
  values: Readonly<Record<string, Json>>,
): boolean => {
  if (field.when === undefined) return true
  const other = fields.find((one) => one.name === field.when?.field)
  // A field cannot be waited for by itself: the server refuses such forms, the page must not hang on one.
  if (other === undefined || other === field || other.when?.field === field.name) return false
  const value = values[other.name] ?? other.default
  return (
    isVisible(other, fields, values) &&
    (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') &&
    field.when.in.includes(value)
  )
}

/** Values of shown fields only: what was typed before a field was hidden is not sent. */
export const visibleValues = (
  fields: readonly FormField[],
  values: Readonly<Record<string, Json>>,
): Record<string, Json> =>
  Object.fromEntries(
    fields.flatMap((field) => {
      const value = values[field.name]
      return value !== undefined && isVisible(field, fields, values)
        ? [[field.name, value] as const]
        : []
    }),
  )
