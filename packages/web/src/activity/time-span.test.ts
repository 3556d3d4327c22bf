// The time filter of the activity log.

import { expect, test } from 'vitest'
import { timesOf } from './time-span.ts'

test('spans count back from the minute', () => {
  expect(timesOf({}, 1_000)).toEqual({})
  const now = Date.UTC(2026, 10, 23, 4, 5, 59)
  expect(timesOf({ span: 'day' }, now)).toEqual({ since: Date.UTC(2026, 10, 22, 4, 5) })
})

test('dates are local and both inclusive; one side may be open', () => {
  const { since, until } = timesOf({ span: 'dates', from: '2026-11-22', to: '2026-11-22' }, 0)
  expect(new Date(since ?? 0).getHours()).toBe(0)
  expect((until ?? 0) - (since ?? 0)).toBe(86_400_000 - 1)
  expect(timesOf({ span: 'dates', from: 'yesterday', to: '2026-11-22' }, 0)).not.toHaveProperty(
    'since',
  )
})
