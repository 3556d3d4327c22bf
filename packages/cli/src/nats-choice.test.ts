// How long a controller may be silent, as the environment says it.

import { expect, test } from 'vitest'
import { leaseOf } from './nats-choice.ts'

test('a lease is a duration within bounds, and the usual one where nothing is said', () => {
  expect(leaseOf({})).toBeUndefined()
  expect(leaseOf({ OM_LEASE: '' })).toBeUndefined()
  expect(leaseOf({ OM_LEASE: '5s' })).toBe(5_000)
  expect(leaseOf({ OM_LEASE: '2m' })).toBe(120_000)
  for (const text of ['1s', '1h', '0']) {
    expect(() => leaseOf({ OM_LEASE: text })).toThrow(expect.objectContaining({ exitCode: 2 }))
  }
  expect(() => leaseOf({ OM_LEASE: 'soon' })).toThrow(
    expect.objectContaining({ code: 'DURATION_SYNTAX' }),
  )
})
