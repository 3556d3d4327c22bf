// Options that take a number refuse everything else, and never pass "nothing" on in its stead.

import { expect, test } from 'vitest'
import { EXIT_USAGE } from './exit.ts'
import { wholeNumber } from './whole-number.ts'

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
