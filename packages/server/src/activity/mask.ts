// Takes secrets out of what the activity log keeps.

import type { Json } from '@omserver/core'

const secretName =
  /pass(word|wort|phrase|wd)?s?$|secrets?$|token$|^key$|private_?key|api_?key|credential_?value|^csrf$|^sealed$/i

/** Plain JSON of any value, with `***` for every field that is named like a secret. */
export const maskSecrets = (value: unknown): Json => {
  if (value === undefined || value === null) return null
  return masked(JSON.parse(JSON.stringify(value) ?? 'null') as Json)
}

const masked = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(masked)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value as { readonly [key: string]: Json }).map(([name, inner]) => [
      name,
      secretName.test(name) && inner !== null && inner !== '' ? '***' : masked(inner),
    ]),
  )
}
