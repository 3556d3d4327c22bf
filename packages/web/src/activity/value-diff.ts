// Before and after of an entry as rows: which field had which value. Pure.

import type { Json } from '@omserver/core'

export interface FieldDiff {
  readonly field: string
  readonly before: string | undefined
  readonly after: string | undefined
}

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const write = (value: Json | undefined): string | undefined =>
  value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value)

const flat = (value: Json | null, path: string, into: Map<string, Json>): Map<string, Json> => {
  if (isObject(value ?? undefined)) {
    for (const [key, inner] of Object.entries(value as { [key: string]: Json })) {
      flat(inner, path === '' ? key : `${path}.${key}`, into)
    }
  } else if (value !== null || path !== '') into.set(path, value)
  return into
}

/** Changed fields; with only one side (added, deleted), all of its fields. */
export const valueDiff = (before: Json, after: Json): readonly FieldDiff[] => {
  const old = flat(before, '', new Map())
  const now = flat(after, '', new Map())
  const fields = [...new Set([...old.keys(), ...now.keys()])]
  return fields
    .map((field) => ({ field, before: write(old.get(field)), after: write(now.get(field)) }))
    .filter((row) => row.before !== row.after)
}
