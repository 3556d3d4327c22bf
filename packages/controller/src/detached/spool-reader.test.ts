// The reader: the same output however its bytes are cut, and however often it has to begin again.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSpoolReader } from './spool-reader.ts'

/** What a host says to an attachment that has read so many lines of its order. */
const frames: readonly (readonly [lines: number, bytes: Buffer])[] = [
  [2, Buffer.from('o 10 2\nom-t never')],
  [4, Buffer.from('e 3 4\nb\nx')],
  [6, Buffer.from('o 4 6\no 9\n')],
  [8, Buffer.from('m 77 8\n')],
  [10, Buffer.from('O 4 10\ntail')],
]
const attachment = (from: number): Buffer =>
  Buffer.concat([
    Buffer.from('a banner\nom-t here\nt 10.00 12.50\nb\n'),
    ...frames.flatMap(([lines, bytes]) => (lines > from ? [bytes, Buffer.from('b\n')] : [])),
    Buffer.from('x 3 10.00 13.25\n'),
  ])

const open = () => {
  const said = { stdout: '', stderr: '', missed: 0, elapsed: [] as number[] }
  const reader = createSpoolReader({
    onOutput: (stream, bytes) => {
      said[stream] += bytes.toString()
      return undefined
    },
    onMissed: (bytes) => {
      said.missed += bytes
    },
    onElapsed: (ms) => said.elapsed.push(ms),
  })
  return { reader, said }
}

it('reads an attachment whole, however it is cut into pieces and by lost connections', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(120), { maxLength: 6 }),
      fc.integer({ min: 1, max: 9 }),
      (cuts, step) => {
        const { reader, said } = open()
        for (const cut of [...cuts, Number.POSITIVE_INFINITY]) {
          reader.attach('t')
          const bytes = attachment(reader.position.lines).subarray(0, cut)
          for (let at = 0; at < bytes.length; at += step)
            void reader.push(bytes.subarray(at, at + step))
          if (reader.end) break
        }
        expect([said.stdout, said.stderr]).toEqual(['om-t nevero 9\ntail', 'b\nx'])
        expect(said.missed).toBe(77)
        expect(said.elapsed.at(-1)).toBe(2500)
        expect(reader.end).toEqual({ kind: 'exited', exit: 3, tookMs: 3250 })
      },
    ),
  )
})

it('says what the host said instead of an attachment', () => {
  for (const [text, word] of [
    ['om-other here\nom-t never\n', 'never'],
    ['om-t no owner\r\n', { no: 'owner' }],
    ['sh: not found\n', undefined],
  ] as const) {
    const { reader } = open()
    reader.attach('t')
    void reader.push(Buffer.from(text))
    expect(reader.word).toEqual(word)
    expect(reader.end).toBe(undefined)
  }
})

it('knows a host that was started anew from a command that was left alone', () => {
  for (const [text, end] of [
    ['g reboot', { kind: 'gone', leftRunning: 'no', rebooted: true }],
    ['g left', { kind: 'gone', leftRunning: 'yes', rebooted: false }],
    ['g none', { kind: 'gone', leftRunning: 'no', rebooted: false }],
  ] as const) {
    const { reader } = open()
    reader.attach('t')
    void reader.push(Buffer.from(`om-t here\n${text}\n`))
    expect(reader.end).toEqual(end)
  }
})
