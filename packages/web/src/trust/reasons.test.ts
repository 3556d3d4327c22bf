// Failures by reason: merged, sorted, and none lost for want of a known name.

import { expect, test } from 'vitest'
import { reasonsOf } from './reasons.ts'

const silent = (state: 'ok' | 'unreachable', reason: string | null, ...names: string[]) => ({
  state,
  reason,
  hosts: names.length,
  names,
  message: null,
})

test('groups merge by state and reason, largest first; what went well is left out', () => {
  const groups = reasonsOf(
    [
      silent('unreachable', 'refused', 'a'),
      silent('unreachable', 'somethingNew', 'b'),
      silent('unreachable', null, 'c', 'd'),
      silent('ok', null, 'e'),
    ],
    [
      {
        state: 'failed',
        hosts: 1,
        names: ['f'],
        reason: 'exit',
        message: null,
        sample: { output: 'line\nPermission denied\n' },
      },
    ],
  )
  expect(groups.map(({ reason, hosts }) => [reason, hosts])).toEqual([
    ['other', 3],
    ['refused', 1],
    ['exit', 1],
  ])
  expect(groups[2]?.message).toBe('Permission denied')
})
