// Options that take a number refuse everything else, and never pass "nothing" on in its stead.

import { expect, test } from 'vitest'
import { EXIT_USAGE } from './exit.ts'
import { duration, wholeNumber } from './whole-number.ts'

test('a number is a number, an absent option is absent', () => {
  expect([wholeNumber('--days', '30', 1), wholeNumber('--days', undefined)]).toEqual([
    30,
    undefined,
  ])
})

test.each(['abc', '', '1e3', '-1', '0x10', '1.5', ' 7', '99999999999999999999', '0'])(
  '%j is refused as a matter of usage',
  (text) => {
    expect(() => wholeNumber('--days', text, 1)).toThrow(
      expect.objectContaining({ exitCode: EXIT_USAGE, message: expect.stringContaining('--days') }),
    )
  },
)

test('bounds are said with the name of the option', () => {
  const message = (text: string) => expect.objectContaining({ exitCode: EXIT_USAGE, message: text })
  expect(() => wholeNumber('--port', '99999', 1, 65_535)).toThrow(
    message('--port takes a whole number from 1 to 65535, not 99999'),
  )
  expect(() => duration('--timeout', '2d', 100, 86_400_000)).toThrow(
    message('--timeout takes 100ms to 1d, not 2d'),
  )
  expect(() => duration('--timeout', '0s', 100, 86_400_000)).toThrow(expect.anything())
  expect(duration('--timeout', '60s', 100, 86_400_000)).toBe(60_000)
})
