import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cellAt, hostAt, isSameGrid, layOutGrid, placeOf } from './host-grid-layout.ts'

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

test('while hosts are still being read every cell stands where it will stand, and those unknown are empty', () => {
  const planned = [
    { idc: 'sh', hosts: 300 },
    { idc: 'bj', hosts: 500 },
  ]
  const all = Array.from({ length: 800 }, (_, n) => ({ idc: n % 8 < 3 ? 'sh' : 'bj' }))
  const part = layOutGrid(all.slice(0, 100), 900, planned)
  const whole = layOutGrid(all, 900, planned)
  expect(isSameGrid(part, whole)).toBe(true)
  expect(part.height).toBe(whole.height)
  for (let index = 0; index < 100; index += 1) {
    expect(placeOf(part, index)).toEqual(placeOf(whole, index))
  }
  const later = placeOf(whole, 799)
  expect(hostAt(whole, (later?.x ?? 0) + 1, (later?.y ?? 0) + 1)).toBe(799)
  expect(hostAt(part, (later?.x ?? 0) + 1, (later?.y ?? 0) + 1)).toBeUndefined()
  expect(layOutGrid(all, 900).groups).toEqual(whole.groups)
})

test('on a phone fifty thousand hosts take less than two screens', () => {
  const hosts = Array.from({ length: 50_000 }, (_, n) => ({ idc: `idc-${n % 3}` }))
  expect(layOutGrid(hosts, 317).height).toBeLessThan(800)
})
