import type { HostResultView } from '@omserver/api'
import { expect, test } from 'vitest'
import { filterRows, toggleState } from './row-filter.ts'

const row = (
  name: string,
  state: HostResultView['state'],
  answer: string | null = null,
): HostResultView => ({
  hostId: name,
  name,
  address: `10.0.0.${name.length}`,
  idc: 'sz',
  batch: 0,
  attempt: 1,
  state,
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
  answer,
  rev: 1,
})
const rows = [row('web-1', 'ok', 'a'), row('web-2', 'failed', 'b'), row('db-1', 'lost')]

test('without a filter the very same rows come back', () => {
  expect(filterRows(rows, {})).toBe(rows)
})

test('states are joined by or, everything else by and', () => {
  expect(filterRows(rows, { state: 'failed,lost' }).map((one) => one.name)).toEqual([
    'web-2',
    'db-1',
  ])
  expect(filterRows(rows, { state: 'failed', text: 'WEB' }).map((one) => one.name)).toEqual([
    'web-2',
  ])
  expect(filterRows(rows, { answer: 'a', state: 'failed' })).toEqual([])
})

test('a counter pressed twice is off again, and unknown states are ignored', () => {
  expect(toggleState(undefined, 'failed')).toBe('failed')
  expect(toggleState('failed', 'failed')).toBeUndefined()
  expect(toggleState('nonsense', 'ok')).toBe('ok')
})
