// Checks of batches and thresholds.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutBatches, failuresAllowed } from './batches.ts'
import { Problem } from './problem.ts'

const size = fc.oneof(
  fc.integer({ min: 1, max: 2000 }).map(String),
  fc.integer({ min: 1, max: 100 }).map((percent) => `${percent}%`),
)

test('batches cover every host once and none is empty', () => {
  fc.assert(
    fc.property(
      fc.nat(20_000),
      fc.option(fc.array(size, { minLength: 1, maxLength: 4 })),
      (total, sizes) => {
        const batches = cutBatches(total, sizes?.join(', ') ?? undefined)
        expect(batches.reduce((sum, batch) => sum + batch, 0)).toBe(total)
        expect(batches.every((batch) => batch > 0)).toBe(true)
      },
    ),
  )
})

test('sizes go in sequence, percentages are of all, the last repeats', () => {
  expect(cutBatches(100, '1,10%,50%')).toEqual([1, 10, 50, 39])
  expect(cutBatches(7, '2')).toEqual([2, 2, 2, 1])
  expect(cutBatches(3, '10%')).toEqual([1, 1, 1])
  expect(cutBatches(5)).toEqual([5])
  expect(cutBatches(0, '1，10%')).toEqual([])
})

test.each(['', ',', '1,,2', '0', '0%', '101%', '-1', '1.5', 'x', '10 %', '1,', '99999999'])(
  'refuses batches "%s"',
  (spec) => {
    expect(() => cutBatches(0, spec)).toThrow(Problem)
  },
)

test('thresholds', () => {
  expect([
    failuresAllowed(10),
    failuresAllowed(10, '3'),
    failuresAllowed(19, '10%'),
    failuresAllowed(9, '0'),
  ]).toEqual([Number.POSITIVE_INFINITY, 3, 1, 0])
  for (const bad of ['', 'x', '101%', '-1', '1,2'])
    expect(() => failuresAllowed(9, bad)).toThrow(Problem)
})
