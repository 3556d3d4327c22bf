// What a message carries, as bytes: a version, then JSON, then bytes that are not JSON. The one place to seal it.

import type { Json, Slice, SliceEvent } from '@omserver/core'
import type { LogEntry } from '../ports.ts'
import { UnreadableVersion } from '../unreadable-version.ts'
import { position } from './names.ts'

/** One more when an older reader could not read what a newer writer has written. */
const VERSION = 1
const HEAD_START = 5

const pack = (head: Uint8Array, tail: readonly Uint8Array[] = []): Uint8Array => {
  const start = Buffer.alloc(HEAD_START)
  start.writeUInt8(VERSION)
  start.writeUInt32BE(head.length, 1)
  return Buffer.concat([start, head, ...tail])
}

const unpack = (data: Uint8Array): { readonly head: string; readonly tail: Buffer } => {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  if (bytes.length < HEAD_START) throw new RangeError('no message of OMServer')
  const version = bytes[0]
  if (version !== VERSION) {
    throw new UnreadableVersion('a message', version ?? 0, VERSION)
  }
  const end = HEAD_START + bytes.readUInt32BE(1)
  return { head: bytes.toString('utf8', HEAD_START, end), tail: bytes.subarray(end) }
}

/** JSON, and what stands behind it. */
export const packJson = (json: Uint8Array, tail: Uint8Array): Uint8Array => pack(json, [tail])
export const unpackJson = unpack

export const encodeJson = (value: Json): Uint8Array => pack(Buffer.from(JSON.stringify(value)))
export const decodeJson = (data: Uint8Array): Json => JSON.parse(unpack(data).head) as Json

export const encodeSlice = (slice: Slice): Uint8Array => pack(Buffer.from(JSON.stringify(slice)))
export const decodeSlice = (data: Uint8Array): Slice => JSON.parse(unpack(data).head) as Slice

/** JSON that is bytes already. */
export const packFrame = (json: Uint8Array): Uint8Array => pack(json)

/** The JSON of it, not parsed; nothing where it is no payload that we can read. */
export const unpackFrame = (data: Uint8Array): Uint8Array => {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  if (bytes.length < HEAD_START || bytes[0] !== VERSION) return new Uint8Array()
  return bytes.subarray(HEAD_START, HEAD_START + bytes.readUInt32BE(1))
}

export interface EncodedEvent {
  readonly head: Buffer
  readonly bytes: Uint8Array
  readonly size: number
}

const none = new Uint8Array()
const comma = Buffer.from(',')
const open = Buffer.from('[')
const close = Buffer.from(']')

export const encodeEvent = (event: SliceEvent): EncodedEvent => {
  const bytes = 'bytes' in event ? event.bytes : none
  const head = Buffer.from(
    JSON.stringify('bytes' in event ? { ...event, bytes: bytes.length } : event),
  )
  return { head, bytes, size: head.length + bytes.length + 1 }
}

/** One message of the log. */
export const packEvents = (events: readonly EncodedEvent[]): Uint8Array => {
  const heads = events.flatMap(({ head }, index) => (index === 0 ? [head] : [comma, head]))
  return pack(
    Buffer.concat([open, ...heads, close]),
    events.map(({ bytes }) => bytes),
  )
}

type WithBytes = Extract<SliceEvent, { readonly bytes: Uint8Array }>
type OnWire<E> = E extends WithBytes ? Omit<E, 'bytes'> & { readonly bytes: number } : never
type WireEvent = Exclude<SliceEvent, WithBytes> | OnWire<SliceEvent>

/** The events of the message that the log holds under `sequence`. */
export const unpackEvents = (data: Uint8Array, sequence: number): readonly LogEntry[] => {
  const { head, tail } = unpack(data)
  let at = 0
  return (JSON.parse(head) as readonly WireEvent[]).map((event, index) => {
    const seq = position(sequence, index)
    if ('bytes' in event) {
      const bytes = tail.subarray(at, at + event.bytes)
      at += event.bytes
      return { seq, event: { ...event, bytes } }
    }
    // Only the log knows under which number it stored a claim.
    return { seq, event: event.kind === 'slice.claimed' ? { ...event, fence: seq } : event }
  })
}
