// A sealed slice as bytes: to whom its key is sealed, then what only they can read.

import { z } from 'zod'
import { UnreadableVersion } from '../unreadable-version.ts'
import type { SealedKey } from './hpke.ts'

const VERSION = 1
const HEAD_START = 5

const headSchema = z.object({
  keys: z.array(z.object({ to: z.string(), enc: z.string(), key: z.string() })),
  /** Base64: the signature of the content, sealed as well. Who guesses a content must not find it confirmed. */
  signed: z.string().optional(),
})

interface SealedSlice {
  readonly keys: readonly SealedKey[]
  readonly signed?: Uint8Array
  readonly sealed: Uint8Array
}

export const packSealedSlice = ({ keys, signed, sealed }: SealedSlice): Uint8Array => {
  const proof = signed && Buffer.from(signed).toString('base64')
  const head = Buffer.from(JSON.stringify({ keys, signed: proof }))
  const start = Buffer.alloc(HEAD_START)
  start.writeUInt8(VERSION)
  start.writeUInt32BE(head.length, 1)
  return Buffer.concat([start, head, sealed])
}

/** Throws UnreadableVersion, SyntaxError or ZodError for anything else that is not a sealed slice. */
export const unpackSealedSlice = (data: Uint8Array): SealedSlice => {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  if (bytes[0] !== VERSION) {
    throw new UnreadableVersion('a slice', bytes[0] ?? 0, VERSION)
  }
  const end = HEAD_START + bytes.readUInt32BE(1)
  const head = headSchema.parse(JSON.parse(bytes.toString('utf8', HEAD_START, end)))
  const signed = head.signed === undefined ? undefined : Buffer.from(head.signed, 'base64')
  return { keys: head.keys, signed, sealed: bytes.subarray(end) }
}

/** What is sealed is bound to where it belongs: a slice moved to another subject does not open. */
export const sliceContext = (idc: string, sliceId: string): string => `slice ${idc} ${sliceId}`
export const proofContext = (idc: string, sliceId: string): string => `proof ${idc} ${sliceId}`
export const eventsContext = (sliceId: string): string => `events ${sliceId}`
