// Folding names is exact: what it writes picks those hosts and no other.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldedNames, foldNames } from './fold-names.ts'
import type { SelectableHost } from './host.ts'
import { matchHosts } from './selector-match.ts'
import { parseSelector } from './selector-parse.ts'

const host = (name: string): SelectableHost => ({
  name,
  address: '192.0.2.1',
  driver: 'ssh',
  labels: {},
})

test('runs of numbers fold, paddings and suffixes stay apart', () => {
  expect(foldNames(['web-3', 'web-1', 'web-2', 'db-7'])).toBe('web-[1-3] db-7')
  expect(foldNames(['n01', 'n02', 'n10', 'n1'])).toBe('n[01-02,10] n1')
  expect(foldNames(['r1.sz', 'r2.sz', 'r4.sz'])).toBe('r[1-2,4].sz')
})

test('a name that looks like an address is meant as a name', () => {
  expect(foldNames(['10.0.0.1', 'localhost'])).toBe('"10.0.0.1" localhost')
})

test('any set of names comes back as the same set', () => {
  const name = fc.stringMatching(/^[a-c]{1,2}(-|\.)?[0-9]{0,3}(\.sz|x)?$/)
  fc.assert(
    fc.property(
      fc.uniqueArray(name, { minLength: 1, maxLength: 12 }),
      fc.uniqueArray(name),
      (names, others) => {
        const fleet = [...new Set([...names, ...others])].map(host)
        const picked = matchHosts(parseSelector(foldNames(names)), fleet).map((each) => each.name)
        expect(new Set(picked)).toEqual(new Set(names))
      },
    ),
    { numRuns: 500 },
  )
})

test('each term says how many names it stands for', () => {
  expect(foldedNames(['web-3', 'web-1', 'db-7', 'localhost'])).toEqual([
    { text: 'web-[1,3]', names: 2 },
    { text: 'db-7', names: 1 },
    { text: 'localhost', names: 1 },
  ])
})

test('fifty thousand names fold into a line', () => {
  const names = Array.from({ length: 50_000 }, (_, n) => `idc${n % 3}-web-${n}`)
  expect(foldNames(names.filter((name) => name.startsWith('idc0'))).length).toBeLessThan(200_000)
  expect(foldNames(Array.from({ length: 50_000 }, (_, n) => `web-${n}`))).toBe('web-[0-49999]')
})
