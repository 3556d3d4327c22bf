// A difference is what was compared and is not the same; what was not compared is never painted as one.

import { expect, test } from 'vitest'
import { maskedDiff } from './masked-diff.ts'

const at = (name: string, output: string) => ({ name, address: `10.0.0.${name.slice(-1)}`, output })

test('numbers that are not compared are no difference, and each host’s own are shown', () => {
  const parts = maskedDiff(
    at('web-1', 'Filesystem Use\n/dev/sda1  41%\n/dev/sdb1 7%\n'),
    at('web-2', 'Filesystem Use\n/dev/sda1 9%\ntmpfs 1%\n'),
    ['self', 'number'],
  )
  expect(parts).toEqual([
    { kind: 'same', lines: ['Filesystem Use', '/dev/sda1 9%'] },
    { kind: 'removed', lines: ['/dev/sdb1 7%'] },
    { kind: 'added', lines: ['tmpfs 1%'] },
  ])
})

test('the host’s own name and address are no difference', () => {
  const say = (name: string, address: string) => ({
    name,
    address,
    output: `${name} at ${address}\nok\n\n`,
  })
  expect(
    maskedDiff(say('web-1', '10.0.0.1'), say('web-2', '10.0.0.2'), ['self']).map(
      ({ kind }) => kind,
    ),
  ).toEqual(['same'])
})

test('where numbers are compared they differ', () => {
  expect(maskedDiff(at('a-1', '41'), at('a-2', '9'), []).map(({ kind }) => kind)).toEqual([
    'removed',
    'added',
  ])
})
