// How a run's concurrency is shared out.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { idcShares } from './shares.ts'

test('in proportion, every IDC at least one place', () => {
  const left = new Map([
    ['big', 900],
    ['small', 100],
    ['tiny', 1],
  ])
  expect(Object.fromEntries(idcShares(left, 100))).toEqual({ big: 90, small: 9, tiny: 1 })
})

test('the places sum to the limit, or to the hosts where those are fewer', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ minLength: 1 }), fc.nat(5000), { maxKeys: 12 }),
      fc.integer({ min: 1, max: 300 }),
      (hosts, limit) => {
        const left = new Map(Object.entries(hosts))
        const shares = idcShares(left, limit)
        const total = [...left.values()].reduce((sum, count) => sum + count, 0)
        const places = [...shares.values()].reduce((sum, share) => sum + share, 0)
        expect(places).toBe(Math.min(limit, total))
        for (const [idc, share] of shares) expect(share).toBeLessThanOrEqual(left.get(idc) ?? 0)
        const waiting = [...left.values()].filter((count) => count > 0).length
        if (waiting <= limit) expect(shares.size).toBe(waiting)
      },
    ),
  )
})
