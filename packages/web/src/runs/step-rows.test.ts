import type { HostStepView } from '@omserver/api'
import { expect, test } from 'vitest'
import { stepReached, stepRows } from './step-rows.ts'

const names = ['look', 'act', 'check']
const step = (index: number, state: HostStepView['state']): HostStepView => ({
  index,
  name: names[index] ?? '',
  item: null,
  state,
  exit: null,
  changed: null,
  durationMs: null,
  diff: null,
  message: null,
})
const states = (steps: HostStepView[], state: Parameters<typeof stepRows>[2]['state']) =>
  stepRows(names, steps, { state, startedAt: state === 'queued' ? null : 1 }).map(
    (row) => row.state,
  )

test('the step after the last one that ended is under way while its host runs', () => {
  expect(states([step(0, 'ok')], 'running')).toEqual(['ok', 'running', 'queued'])
  expect(stepReached(stepRows(names, [step(0, 'ok')], { state: 'running', startedAt: 1 }))).toBe(2)
  expect(states([], 'queued')).toEqual(['queued', 'queued', 'queued'])
  expect(stepReached(stepRows(names, [], { state: 'queued', startedAt: null }))).toBe(0)
})

test('a step that failed is the last, and the rest was not reached', () => {
  expect(states([step(0, 'ok'), step(1, 'failed')], 'failed')).toEqual(['ok', 'failed', null])
})

test('a step that its `when` left out counts as reached', () => {
  const all = [step(0, 'ok'), step(1, 'skipped'), step(2, 'ok')]
  expect(states(all, 'ok')).toEqual(['ok', 'skipped', 'ok'])
})

test('a step that was cut off ends as its host did', () => {
  expect(states([step(0, 'ok')], 'lost')).toEqual(['ok', 'lost', null])
  expect(stepRows(names, [], { state: 'aborted', startedAt: null })[0]?.state).toBeNull()
})
