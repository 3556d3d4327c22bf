import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cellAt, hostAt, layOutGrid, placeOf } from './host-grid-layout.ts'

test('every host has one cell, and the point in its middle finds it again', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('sz', 'sh', 'bj'), { maxLength: 400 }),
      fc.integer({ min: 40, max: 1400 }),
      (idcs, width) => {
        const layout = layOutGrid(
          idcs.map((idc) => ({ idc })),
          width,
        )
        expect([...layout.sequence].sort((a, b) => a - b)).toEqual(idcs.map((_, index) => index))
        for (const group of layout.groups) {
          for (let nth = 0; nth < group.count; nth += 1) {
            const { x, y } = cellAt(layout, group, nth)
            expect(placeOf(layout, layout.sequence[group.first + nth] ?? -1)).toEqual({ x, y })
            const found = hostAt(layout, x + layout.cell / 2, y + layout.cell / 2)
            expect(found).toBe(layout.sequence[group.first + nth])
          }
        }
      },
    ),
    { numRuns: 50, seed: 7 },
  )
})

test('fifty thousand hosts fit with cells that can still be seen', () => {
  const layout = layOutGrid(
    Array.from({ length: 50_000 }, (_, n) => ({ idc: `idc-${n % 3}` })),
    1200,
  )
  expect(layout.cell).toBeGreaterThanOrEqual(3)
  expect(layout.columns * layout.cell).toBeLessThanOrEqual(1200)
})

test('outside of the cells there is no host', () => {
  const layout = layOutGrid([{ idc: 'sz' }], 400)
  expect(hostAt(layout, 300, 200)).toBeUndefined()
  expect(hostAt(layout, 2, 2)).toBeUndefined()
})
