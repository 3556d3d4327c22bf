// Checks of durations.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from './duration.ts'
import { Problem } from './problem.ts'

test.each([
  ['60s', 60_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['500ms', 500],
  ['90', 90_000],
  ['1.5s', 1500],
  ['1h30m', 5_400_000],
  [' 2D ', 172_800_000],
  ['0', 0],
])('%s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each(['', 's', '-1', '1 h', '1y', '5mm', '1e3', '999999d', '1h-2m'])(
  'refuses "%s"',
  (text) => {
    expect(() => parseDuration(text)).toThrow(Problem)
  },
)

test('what is too long is not called wrong', () => {
  expect(() => parseDuration('999d')).toThrow(
    expect.objectContaining({
      code: 'DURATION_TOO_LONG',
      details: { part: '999d', limit: '366d' },
    }),
  )
})

test.each([
  [0, '0ms'],
  [340.4, '340ms'],
  [999.6, '1000ms'],
  [1000, '1s'],
  [4230, '4.2s'],
  [59_949, '60s'],
  [59_950, '1m'],
  [185_000, '3m05s'],
  [3_600_000, '1h'],
  [3_725_000, '1h02m'],
  [3_599_900, '1h'],
  [183_600_000, '2d03h'],
])('%d ms reads %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

test('what is formatted parses back to within its last unit', () => {
  fc.assert(
    fc.property(fc.nat(300 * 86_400_000), (ms) => {
      expect(Math.abs(parseDuration(formatDuration(ms)) - ms)).toBeLessThanOrEqual(
        Math.max(50, ms / 24),
      )
    }),
  )
})
