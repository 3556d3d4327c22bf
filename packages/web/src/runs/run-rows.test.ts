// Rows of a run: the newest of each host wins, and nothing is made anew that has not changed.

import type { HostResultView } from '@omserver/api'
import { expect, test } from 'vitest'
import { runRows } from './run-rows.ts'

const row = (hostId: string, more: Partial<HostResultView> = {}): HostResultView => ({
  hostId,
  name: hostId,
  address: '10.0.0.1',
  idc: 'sz',
  batch: 0,
  attempt: 1,
  state: 'queued',
  reason: null,
  message: null,
  exit: null,
  changed: null,
  leftRunning: null,
  startedAt: null,
  endedAt: null,
  durationMs: null,
  outputBytes: 0,
  truncated: false,
  answer: null,
  rev: 1,
  ...more,
})

test('hosts keep the place of the frozen targets, whatever changes', () => {
  const rows = runRows()
  rows.take([row('a'), row('b'), row('c')])
  rows.take([row('b', { state: 'ok', rev: 5 })])
  expect(rows.all().map(({ hostId, state }) => `${hostId} ${state}`)).toEqual([
    'a queued',
    'b ok',
    'c queued',
  ])
  expect(rows.place('b')).toBe(1)
  expect(rows.place('z')).toBe(-1)
})

test('a row that is older than the one known changes nothing', () => {
  const rows = runRows()
  rows.take([row('a', { attempt: 2, rev: 9, state: 'ok' })])
  const before = rows.all()
  rows.take([row('a', { attempt: 1, rev: 12, state: 'unreachable' }), row('a', { rev: 3 })])
  expect(rows.all()).toBe(before)
})

test('the array is another one only when a row changed, and what was handed out stays as it was', () => {
  const rows = runRows()
  rows.take([row('a'), row('b')])
  const first = rows.all()
  expect(rows.all()).toBe(first)
  rows.take([row('a', { state: 'ok', rev: 2 })])
  const second = rows.all()
  expect(second).not.toBe(first)
  expect(first[0]?.state).toBe('queued')
  expect(second[1]).toBe(first[1])
})
