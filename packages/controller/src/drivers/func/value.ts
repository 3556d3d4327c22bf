// Values as funcd sends and takes them. Text and bytes are the same to it: a string is what came over the wire.

import { decodeOutput, type Json } from '@omserver/core'

export type FuncValue =
  | null
  | boolean
  | number
  | Uint8Array
  | readonly FuncValue[]
  | { readonly [name: string]: FuncValue }

/** What a call may be given: text where text is meant, bytes as `<base64>`. */
export type FuncArgument =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly FuncArgument[]
  | { readonly [name: string]: FuncArgument }

export const isList = (value: FuncValue | undefined): value is readonly FuncValue[] =>
  Array.isArray(value)

/** undefined: it is no text. */
export const textOf = (value: FuncValue | undefined, encoding?: string): string | undefined =>
  value instanceof Uint8Array ? decodeOutput(value, encoding) : undefined

/** For people and programs to read: bytes are text in the host's encoding. */
export const jsonOf = (value: FuncValue, encoding?: string): Json => {
  if (value instanceof Uint8Array) return decodeOutput(value, encoding)
  if (isList(value)) return value.map((one) => jsonOf(one, encoding))
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, jsonOf(one, encoding)]),
  )
}

/** What func-transmit has decoded already. */
export const valueOfJson = (json: Json): FuncValue => {
  if (typeof json === 'string') return Buffer.from(json)
  if (Array.isArray(json)) return json.map(valueOfJson)
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(Object.entries(json).map(([name, one]) => [name, valueOfJson(one)]))
}
