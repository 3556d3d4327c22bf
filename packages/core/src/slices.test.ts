// Checks of slices: every host once, bounds kept, the run's limit held.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DriverName, TargetHost } from './host.ts'
import { Problem } from './problem.ts'
import { SLICE_MAX_BYTES, SLICE_MAX_HOSTS } from './slice.ts'
import { cutSlices } from './slices.ts'

const host = (n: number, idc: string, driver: DriverName = 'ssh', note = '') => ({
  idc,
  driver,
  target: {
    hostId: `h${n}`,
    name: `web-${n}`,
    access: { address: '10.0.0.1', port: 22 },
    jumps: [],
    vars: { note },
  } satisfies TargetHost,
})

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0)

test('every host once, one IDC and driver a slice, shares sum to the limit in every wave', () => {
  const groups = fc.array(
    fc.record({
      idc: fc.constantFrom('a', 'b', '机房'),
      driver: fc.constantFrom<DriverName>('ssh', 'sim'),
      count: fc.nat(1500),
    }),
    { maxLength: 4 },
  )
  fc.assert(
    fc.property(groups, fc.integer({ min: 1, max: 400 }), (parts, concurrency) => {
      const hosts = parts.flatMap(({ idc, driver, count }, g) =>
        Array.from({ length: count }, (_, n) => host(g * 10_000 + n, idc, driver)),
      )
      const slices = cutSlices({ hosts, concurrency, actionBytes: 100 })
      expect(slices.flatMap((slice) => slice.hosts.map(({ hostId }) => hostId)).sort()).toEqual(
        hosts.map(({ target }) => target.hostId).sort(),
      )
      const home = new Map(
        hosts.map(({ target, idc, driver }) => [target.hostId, `${idc} ${driver}`]),
      )
      for (const slice of slices) {
        expect(
          slice.hosts.every(({ hostId }) => home.get(hostId) === `${slice.idc} ${slice.driver}`),
        ).toBe(true)
        expect(slice.hosts.length).toBeLessThanOrEqual(SLICE_MAX_HOSTS)
        expect(slice.concurrency).toBeGreaterThanOrEqual(1)
        expect(slice.concurrency).toBeLessThanOrEqual(slice.hosts.length)
      }
      const waves = Map.groupBy(slices, ({ wave }) => wave)
      if (slices.length <= concurrency) expect(waves.size).toBeLessThanOrEqual(1)
      else expect(slices.every((slice) => slice.concurrency === 1)).toBe(true)
      for (const wave of waves.values()) {
        const limit = slices.length > concurrency ? wave.length : concurrency
        expect(sum(wave.map((slice) => slice.concurrency))).toBe(
          Math.min(limit, sum(wave.map((slice) => slice.hosts.length))),
        )
        expect(sum(wave.map((slice) => slice.concurrency))).toBeLessThanOrEqual(concurrency)
      }
    }),
    { numRuns: 60 },
  )
})

test('bytes are bounded: many variables make more slices, an action that leaves no room is refused', () => {
  const hosts = Array.from({ length: 250 }, (_, n) => host(n, 'a', 'ssh', '中'.repeat(3000)))
  const slices = cutSlices({ hosts, concurrency: 100, actionBytes: 1000 })
  expect(slices.length).toBeGreaterThan(3)
  for (const slice of slices)
    expect(new TextEncoder().encode(JSON.stringify(slice)).length).toBeLessThanOrEqual(
      SLICE_MAX_BYTES,
    )
  expect(() => cutSlices({ hosts, concurrency: 1, actionBytes: SLICE_MAX_BYTES - 5000 })).toThrow(
    Problem,
  )
})

test('IDCs begin together and slices are of a size', () => {
  const hosts = ['a', 'b'].flatMap((idc) => Array.from({ length: 300 }, (_, n) => host(n, idc)))
  const slices = cutSlices({ hosts, concurrency: 10, actionBytes: 0 })
  expect(slices.map(({ idc, hosts: { length } }) => [idc, length])).toEqual([
    ['a', 150],
    ['b', 150],
    ['a', 150],
    ['b', 150],
  ])
  expect(cutSlices({ hosts: [], concurrency: 1, actionBytes: 0 })).toEqual([])
})
