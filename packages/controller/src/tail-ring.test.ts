import type { OutputStream } from '@omserver/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTailRing } from './tail-ring.ts'

const textOf = (ring: ReturnType<typeof createTailRing>): string =>
  ring
    .drain()
    .map(({ stream, bytes }) => `${stream === 'stdout' ? 'o' : 'e'}:${Buffer.from(bytes)}`)
    .join('|')

test('keeps the last bytes, with their streams', () => {
  const ring = createTailRing()
  ring.push('stdout', Buffer.from('abcdef'), 8)
  ring.push('stderr', Buffer.from('12'), 8)
  ring.push('stdout', Buffer.from('xyz'), 8)
  expect(textOf(ring)).toBe('o:def|e:12|o:xyz')
  expect(ring.length).toBe(0)
})

test('keeps the end of a piece that is longer than itself', () => {
  const ring = createTailRing()
  ring.push('stderr', Buffer.from('before'), 4)
  ring.push('stdout', Buffer.from('0123456789'), 4)
  expect(textOf(ring)).toBe('o:6789')
})

test('a host that switches streams with every byte takes no more memory than another', () => {
  const ring = createTailRing()
  for (let index = 0; index < 100_000; index++) {
    ring.push(index % 2 === 0 ? 'stdout' : 'stderr', Buffer.from('x'), 512 * 1024)
  }
  expect(ring.size).toBeLessThanOrEqual(8 * 1024)
  expect(ring.drain().length).toBeLessThanOrEqual(4_096)
})

test('holds what a plain list of the last bytes would hold', () => {
  const piece = fc.record({
    stream: fc.constantFrom<OutputStream>('stdout', 'stderr'),
    text: fc.string({ unit: 'grapheme-ascii', maxLength: 40 }),
  })
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 60 }),
      fc.integer({ min: 1, max: 100 }),
      (pieces, cap) => {
        const ring = createTailRing()
        const all: string[] = []
        for (const { stream, text } of pieces) {
          ring.push(stream, Buffer.from(text), cap)
          all.push(...Array.from(text, (char) => `${stream} ${char}`))
        }
        const held = ring
          .drain()
          .flatMap(({ stream, bytes }) =>
            Array.from(Buffer.from(bytes).toString(), (char) => `${stream} ${char}`),
          )
        expect(held).toEqual(all.slice(-cap))
      },
    ),
  )
})
