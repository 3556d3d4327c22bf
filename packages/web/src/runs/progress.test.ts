import { emptyCounts } from '@omserver/core'
import { expect, test } from 'vitest'
import { progressOf } from './progress.ts'

test('tells rate and remaining time from what has ended', () => {
  const counts = { ...emptyCounts(), ok: 50, running: 10, queued: 40 }
  expect(progressOf(counts, 100, 10_000, null)).toEqual({
    ended: 50,
    total: 100,
    rate: 5,
    remainingMs: 10_000,
    overtime: false,
  })
})

test('before enough hosts have ended it goes by what such runs usually take', () => {
  const counts = { ...emptyCounts(), ok: 1, running: 99 }
  expect(progressOf(counts, 100, 1000, 4000).remainingMs).toBe(3000)
  expect(progressOf(counts, 100, 1000, null).remainingMs).toBeNull()
})

test('is over its usual time only while hosts are left', () => {
  const running = { ...emptyCounts(), ok: 99, running: 1 }
  expect(progressOf(running, 100, 5000, 4000).overtime).toBe(true)
  expect(progressOf({ ...emptyCounts(), ok: 100 }, 100, 5000, 4000).overtime).toBe(false)
})
