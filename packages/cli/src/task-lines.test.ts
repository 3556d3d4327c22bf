import { expect, test } from 'vitest'
import { taskLines } from './task-lines.ts'

const failure = (host: string, more: { item?: string; message?: string } = {}) => ({
  hostId: `id-${host}`,
  host,
  item: more.item ?? null,
  message: more.message ?? null,
})

test('what failed stands first, with where and why; then what changed something', () => {
  const lines = taskLines([
    { index: 0, name: 'users', failed: 0, changed: 3, failures: [] },
    {
      index: 1,
      name: 'packages',
      failed: 4,
      changed: 1,
      failures: [
        failure('web-1', { item: 'redis', message: 'no such package' }),
        failure('web-1', { item: 'nginx' }),
        failure('web-2', { message: 'disk full' }),
      ],
    },
  ])
  expect(lines.map((line) => line.trim()).filter((line) => line !== '')).toEqual([
    'Failed tasks',
    '✗ packages  4 hosts',
    'web-1 (redis): no such package',
    'web-1 (nginx)',
    'web-2: disk full',
    'and 2 more',
    'Changed by',
    '~ users  3 hosts',
    '~ packages  1 host',
  ])
})

test('a run in which nothing changed and nothing failed has none', () => {
  expect(taskLines([])).toEqual([])
})
