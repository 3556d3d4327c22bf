import type { HostStepView } from '@omserver/api'
import { expect, test } from 'vitest'
import { taskCounts, taskRows } from './task-rows.ts'

const step = (index: number, name: string, more: Partial<HostStepView> = {}): HostStepView => ({
  index,
  name,
  item: null,
  state: 'ok',
  exit: null,
  changed: null,
  durationMs: null,
  diff: null,
  message: null,
  ...more,
})

test('the items of a task stand below it, also two of one name, and none hides another', () => {
  const rows = taskRows([
    step(0, 'ping'),
    step(1, 'packages', { item: 'nginx', changed: true, durationMs: 5 }),
    step(1, 'packages', { item: 'redis', changed: false, durationMs: 7 }),
    step(1, 'packages', { item: 'nginx', changed: false, durationMs: 1 }),
  ])
  expect(rows.map(({ name, items }) => [name, items.map(({ step: { item } }) => item)])).toEqual([
    ['ping', []],
    ['packages', ['nginx', 'redis', 'nginx']],
  ])
  expect(rows[1]).toMatchObject({ state: 'ok', changed: true, durationMs: 13, whole: undefined })
  expect(new Set(rows[1]?.items.map(({ key }) => key)).size).toBe(3)
})

test('a task is what it says of itself; where only items have ended, what the worst of them is', () => {
  const [half, whole] = taskRows([
    step(0, 'a', { item: '1' }),
    step(0, 'a', { item: '2', state: 'failed' }),
    step(1, 'b', { item: '1', state: 'failed', changed: true }),
    step(1, 'b', { durationMs: 40 }),
  ])
  expect(half).toMatchObject({ state: 'failed', changed: null, durationMs: null })
  expect(whole).toMatchObject({ state: 'ok', changed: true, durationMs: 40 })
})

test('what changed and what failed is counted by task', () => {
  const rows = taskRows([
    step(0, 'a', { changed: true }),
    step(1, 'b', { item: 'x', changed: true }),
    step(1, 'b', { item: 'y', changed: true, state: 'failed' }),
    step(2, 'c', { state: 'skipped' }),
  ])
  expect(taskCounts(rows)).toEqual({ changed: 2, failed: 1 })
  expect(taskRows([])).toEqual([])
})
