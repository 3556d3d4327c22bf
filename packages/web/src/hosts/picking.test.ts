// Ticking hosts: ranges, all, and that what is hidden by a filter stays ticked.

import { expect, test } from 'vitest'
import { coverage, setAll, toggle, toggleRange } from './picking.ts'

const shown = ['a', 'b', 'c', 'd'].map((id) => ({ id }))

test('a tick is taken back by a second one', () => {
  expect([...toggle(toggle(new Set(), 'a'), 'a')]).toEqual([])
})

test('a range takes the state of its last box, in both directions', () => {
  expect([...toggleRange(new Set(['a']), shown, 0, 2)].sort()).toEqual(['a', 'b', 'c'])
  expect([...toggleRange(new Set(['a', 'b', 'c', 'd']), shown, 3, 1)]).toEqual(['a'])
})

test('what a filter hides stays ticked', () => {
  const picked = new Set(['hidden', 'a'])
  expect(coverage(picked, shown)).toBe('some')
  expect([...setAll(picked, ['a', 'b', 'c', 'd'], false)]).toEqual(['hidden'])
})

test('coverage of an empty table is none', () => {
  expect(coverage(new Set(['a']), [])).toBe('none')
  expect(coverage(new Set(['a', 'b', 'c', 'd', 'x']), shown)).toBe('all')
})
