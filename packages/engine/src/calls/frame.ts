// An argument, an answer or an item as bytes of JSON: never larger or deeper than both sides have agreed.

import { type Json, Problem } from '@omserver/core'

const FRAME_LIMIT = 256 * 1024
/** Far below what any parser takes: Python's gives up near 1,000. */
const FRAME_DEPTH = 64

const QUOTE = 0x22
const BACKSLASH = 0x5c
const opens = new Set([0x5b, 0x7b])
const closes = new Set([0x5d, 0x7d])

/** Whether brackets and braces outside of texts lie deeper than is allowed. */
const isTooDeep = (bytes: Uint8Array): boolean => {
  let depth = 0
  let inText = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    if (inText) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) inText = false
    } else if (byte === QUOTE) inText = true
    else if (opens.has(byte)) {
      if (++depth > FRAME_DEPTH) return true
    } else if (closes.has(byte)) depth--
  }
  return false
}

/** Throws FRAME_TOO_LARGE {method, bytes, limit}, FRAME_TOO_DEEP {method, limit}. */
const checkFrame = (bytes: Uint8Array, method: string): void => {
  if (bytes.length > FRAME_LIMIT) {
    throw new Problem('FRAME_TOO_LARGE', { method, bytes: bytes.length, limit: FRAME_LIMIT })
  }
  if (isTooDeep(bytes)) throw new Problem('FRAME_TOO_DEEP', { method, limit: FRAME_DEPTH })
}

const textOf = (value: Json, method: string): string => {
  try {
    return JSON.stringify(value) ?? 'null'
  } catch (error) {
    // So deep that the stack does not suffice, or in a circle; V8 says RangeError and TypeError.
    if (error instanceof RangeError) {
      throw new Problem('FRAME_TOO_DEEP', { method, limit: FRAME_DEPTH })
    }
    throw error
  }
}

/** Throws as checkFrame does. */
export const frameOf = (value: Json, method: string): Uint8Array => {
  const bytes = Buffer.from(textOf(value, method))
  checkFrame(bytes, method)
  return bytes
}

/** Throws as checkFrame does, before anything is parsed, and FRAME_UNREADABLE {method}. */
export const readFrame = (bytes: Uint8Array, method: string): Json => {
  checkFrame(bytes, method)
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as Json
  } catch {
    throw new Problem('FRAME_UNREADABLE', { method })
  }
}
