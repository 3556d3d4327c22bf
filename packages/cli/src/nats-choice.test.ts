// How long a controller may be silent, as the environment says it.

import { expect, test } from 'vitest'
import { bookMsOf, leaseOf } from './nats-choice.ts'

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

test('what an IDC is told counts for whole days, up to a month', () => {
  expect(bookMsOf({})).toBeUndefined()
  expect(bookMsOf({ OM_BOOK_DAYS: '14' })).toBe(14 * 86_400_000)
  for (const text of ['0', '31', '7d', '1.5']) {
    expect(() => bookMsOf({ OM_BOOK_DAYS: text })).toThrow(expect.objectContaining({ exitCode: 2 }))
  }
})
