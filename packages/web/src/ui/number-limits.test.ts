// Numbers as people type them: read, and refused with the reason; never replaced by another number.

import { describe, expect, test } from 'vitest'
import { type NumberLimits, numberProblem, readNumber } from './number-limits.ts'

test.each([
  ['', undefined],
  ['  ', undefined],
  ['0', 0],
  ['65535', 65535],
  ['-5', -5],
  ['1.5', 1.5],
  ['1.', 1],
  ['１２', 12],
  ['abc', Number.NaN],
  ['1,000', Number.NaN],
  ['0x10', Number.NaN],
  ['1e3', Number.NaN],
  ['5 5', Number.NaN],
])('%j is read as %s', (text, value) => expect(readNumber(text)).toBe(value))

describe('what is wrong is named and stays what it is', () => {
  const port: NumberLimits = { min: 1, max: 65535, integer: true }
  test.each<[number | undefined, NumberLimits, string | undefined]>([
    [undefined, port, undefined],
    [undefined, { ...port, required: true }, 'needed'],
    [22, port, undefined],
    [0, port, 'between'],
    [99999, port, 'between'],
    [1.5, port, 'notWhole'],
    [Number.NaN, port, 'notNumber'],
    [-1, { min: 0 }, 'atLeast'],
    [11, { max: 10 }, 'atMost'],
  ])('%s within %j: %s', (value, limits, problem) =>
    expect(numberProblem(value, limits)).toBe(problem),
  )
})
