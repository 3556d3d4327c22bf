// Which fields of a form are shown, by the same rule as the server's: one that depends on another needs its value.

import { type FormField, type Json, shownFields } from '@omserver/core'

export const isVisible = (
  field: FormField,
  fields: readonly FormField[],
  values: Readonly<Record<string, Json>>,
): boolean => shownFields(fields, values).includes(field)

/** Values of shown fields only: what was typed before a field was hidden is not sent. */
export const visibleValues = (
  fields: readonly FormField[],
  values: Readonly<Record<string, Json>>,
): Record<string, Json> =>
  Object.fromEntries(
    shownFields(fields, values).flatMap(({ name }) => {
      const value = values[name]
      return value === undefined ? [] : [[name, value] as const]
    }),
  )
