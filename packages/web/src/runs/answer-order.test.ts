// What went wrong is seen first, however few they are.

import { expect, test } from 'vitest'
import { worstFirst } from './answer-order.ts'

test('failures come before the majority, the larger first; who was skipped comes last', () => {
  const groups = [
    { state: 'ok', hosts: 384 },
    { state: 'ok', hosts: 9 },
    { state: 'failed', hosts: 2 },
    { state: 'unreachable', hosts: 4 },
    { state: 'skipped', hosts: 50 },
    { state: 'lost', hosts: 1 },
  ] as const
  expect(worstFirst(groups).map(({ state, hosts }) => `${state} ${hosts}`)).toEqual([
    'unreachable 4',
    'failed 2',
    'lost 1',
    'ok 384',
    'ok 9',
    'skipped 50',
  ])
})
