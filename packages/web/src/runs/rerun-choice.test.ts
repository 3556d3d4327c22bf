// A rerun names what it repeats; hosts whose end is unknown are never among “the failed”.

import type { HostCounts } from '@omserver/core'
import { expect, test } from 'vitest'
import { bucketsOf, doubtsOf, hostsOf, plainRerun } from './rerun-choice.ts'

const none: HostCounts = {
  queued: 0,
  running: 0,
  ok: 0,
  failed: 0,
  unreachable: 0,
  timedOut: 0,
  skipped: 0,
  aborted: 0,
  lost: 0,
}

test('the plain rerun leaves out hosts that are lost, aborted or skipped', () => {
  const counts = { ...none, ok: 5, failed: 4, unreachable: 1, lost: 4, aborted: 2, skipped: 3 }
  const choice = plainRerun(counts)
  expect(choice).toEqual({ states: ['failed', 'unreachable'] })
  const buckets = bucketsOf(counts, choice ?? 'all')
  expect(hostsOf(buckets)).toBe(5)
  expect(doubtsOf(buckets)).toEqual([])
})

test('where only the end of hosts is unknown, nothing is repeated plainly', () => {
  expect(plainRerun({ ...none, ok: 5, lost: 3 })).toBeUndefined()
})

test('whoever chooses all is told of those that may have done it already', () => {
  const buckets = bucketsOf({ ...none, ok: 5, lost: 3, aborted: 1 }, 'all')
  expect(hostsOf(buckets)).toBe(9)
  expect(doubtsOf(buckets)).toEqual([
    { state: 'aborted', hosts: 1 },
    { state: 'lost', hosts: 3 },
  ])
})
