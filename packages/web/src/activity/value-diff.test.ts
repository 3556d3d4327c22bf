// Before and after of the activity log.

import { expect, test } from 'vitest'
import { valueDiff } from './value-diff.ts'

test('only what changed is shown, nested fields by path', () => {
  expect(
    valueDiff(
      { name: 'a', labels: { idc: 'sz', app: 'x' } },
      { name: 'a', labels: { idc: 'bj', env: 'p' } },
    ),
  ).toEqual([
    { field: 'labels.idc', before: 'sz', after: 'bj' },
    { field: 'labels.app', before: 'x', after: undefined },
    { field: 'labels.env', before: undefined, after: 'p' },
  ])
})

test('with one side only, all of it is shown', () => {
  expect(valueDiff(null, { port: 22, on: null })).toEqual([
    { field: 'port', before: undefined, after: '22' },
    { field: 'on', before: undefined, after: 'null' },
  ])
  expect(valueDiff(null, null)).toEqual([])
})
