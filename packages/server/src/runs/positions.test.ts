// Positions as text: back as they were, and short enough for their column.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readPositions, writePositions } from './positions.ts'

test('any set of positions comes back in order', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(200_000), { maxLength: 256 }), (positions) => {
      const text = writePositions(positions)
      expect(readPositions(text)).toEqual(positions.toSorted((a, b) => a - b))
      expect(text.length).toBeLessThanOrEqual(2_000)
    }),
  )
  expect(writePositions([0, 1, 2, 9])).toBe('0-2,9')
})
