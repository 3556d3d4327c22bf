// Checks of what messages carry, and of the names they carry it under.

import type { SliceEvent } from '@omserver/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { epochOf, fromToken, lastToken, namesOf, position, sequenceOf, toToken } from './names.ts'
import { decodeJson, encodeEvent, encodeJson, packEvents, unpackEvents } from './payload.ts'

const origin = { runId: 'r', sliceId: 's', fence: 7, by: 'c', at: 0 }

test('events of one message come back with their bytes, in order, and with places in the log', () => {
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
  const output = {
    kind: 'host.output',
    hostId: 'h',
    attempt: 1,
    stream: 'stdout',
    offset: 0,
  } as const
  const events: readonly SliceEvent[] = [
    { ...origin, n: 1, ...output, bytes: bytes('one\xff\0') },
    { ...origin, n: 2, kind: 'slice.note', message: '中"\u0000' },
    { ...origin, n: 3, ...output, bytes: bytes('') },
    { ...origin, n: 4, ...output, bytes: bytes('two') },
  ]
  const entries = unpackEvents(packEvents(events.map(encodeEvent)), 12)
  expect(entries.map(({ seq }) => seq)).toEqual([12_000, 12_001, 12_002, 12_003])
  const plain = (event: SliceEvent) =>
    event.kind === 'host.output' ? { ...event, bytes: [...event.bytes] } : event
  expect(entries.map(({ event }) => plain(event))).toEqual(events.map(plain))
})

test('a claim is fenced by the place that the log gave it', () => {
  const claim: SliceEvent = { ...origin, kind: 'slice.claimed', fence: 0, n: 0 }
  const [entry] = unpackEvents(packEvents([encodeEvent(claim)]), 5)
  expect([entry?.seq, entry?.event.fence]).toEqual([5000, 5000])
  expect(sequenceOf(position(5, 999))).toBe(5)
})

test('what a newer version has written is refused, not misread', () => {
  const data = encodeJson({ a: 1 })
  expect(decodeJson(data)).toEqual({ a: 1 })
  data[0] = 2
  expect(() => decodeJson(data)).toThrow('version 2')
})

test('every text is one token, and comes back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const token = toToken(text)
      expect(token).toMatch(/^[A-Za-z0-9_-]+$/)
      expect(fromToken(token)).toBe(text)
    }),
  )
  expect(new Set(['a_b', 'a.b', 'a b', '', '_', 'a'].map(toToken)).size).toBe(6)
})

test('a subject of the log says of which epoch and slice it is', () => {
  const names = namesOf('om')
  const subject = names.facts('机房', 'e1', 's.1', 'w')
  expect(epochOf(subject)).toBe('e1')
  expect(subject.startsWith(`${names.log('机房', 'e1')}.`)).toBe(true)
  expect(fromToken(lastToken(`${names.work('sz')}.${toToken('s.1')}`))).toBe('s.1')
  expect(() => namesOf('a.b')).toThrow(RangeError)
})
