// Checks of which hosts a selector picks.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { globMatches } from './glob.ts'
import type { SelectableHost } from './host.ts'
import { Problem } from './problem.ts'
import { matchHosts, unknownNames } from './selector-match.ts'
import { parseSelector } from './selector-parse.ts'

const host = (
  name: string,
  address: string,
  labels: Record<string, string> = {},
  outerAddress?: string,
): SelectableHost => ({
  name,
  address,
  labels,
  driver: 'ssh',
  ...(outerAddress && { outerAddress }),
})

const fleet = [
  host('web-1', '10.0.0.1', { idc: 'sz', app: 'nginx', env: 'prod' }, '1.2.3.4'),
  host('web-2', '10.0.0.2', { idc: 'sz', app: 'haproxy', env: 'test' }),
  host('db-1', 'fd00::1', { idc: 'bj', 业务: '商 城' }),
  host('10.9.9.9', 'db.example.com', { role: 'x' }),
]

const names = (text: string, groups?: Record<string, string>, hosts = fleet) =>
  matchHosts(parseSelector(text), hosts, groups && new Map(Object.entries(groups))).map(
    ({ name }) => name,
  )

const problemOf = (act: () => unknown): unknown => {
  try {
    return act()
  } catch (error) {
    if (error instanceof Problem) return [error.code, error.details]
    throw error
  }
}

test('union in the order of hosts, no doubles, subtraction last wherever it is written', () => {
  expect(names('db-1 web-1 web-* idc=sz')).toEqual(['web-1', 'web-2', 'db-1'])
  expect(names('!web-2 web-*')).toEqual(['web-1'])
  expect(names('')).toEqual([])
  expect(names('*')).toHaveLength(4)
})

test('addresses in any spelling, outer addresses, networks, names that are addresses', () => {
  expect(names('1.2.3.4 fd00:0::0001')).toEqual(['web-1', 'db-1'])
  expect(names('10.0.0.0/31')).toEqual(['web-1'])
  expect(names('fd00::/8')).toEqual(['db-1'])
  expect(names('10.0.0.[1-5] 10.9.9.9')).toEqual(['web-1', 'web-2', '10.9.9.9'])
})

test('labels; what is not there is not equal', () => {
  expect(names('idc=sz,app in (nginx,x)')).toEqual(['web-1'])
  expect(names('env!=prod')).toEqual(['web-2', 'db-1', '10.9.9.9'])
  expect(names('idc=*,!env')).toEqual(['db-1'])
  expect(names('idc=sz,env=p*')).toEqual(['web-1'])
  expect(names('业务="商 城"')).toEqual(['db-1'])
  expect(names('toString=*')).toEqual([])
})

test('groups of groups; unknown ones and circles are named', () => {
  expect(names('@a', { a: '@b !web-1', b: 'web-*' })).toEqual(['web-2'])
  expect(problemOf(() => names('* @x', {}))).toEqual(['GROUP_UNKNOWN', { group: 'x' }])
  expect(problemOf(() => names('@a', { a: '@b', b: '* !@a' }))).toEqual([
    'GROUP_CYCLE',
    { group: 'a', path: ['a', 'b', 'a'] },
  ])
})

test('groups that double at every level cost no more than their number', () => {
  const groups = Object.fromEntries(
    Array.from({ length: 60 }, (_, n) => [`g${n + 1}`, `@g${n} idc=sz !@g${n}`]),
  )
  expect(names('@g60', { ...groups, g0: 'web-1' })).toBeDefined()
})

test('a host name among labels is refused, not silently an unknown label', () => {
  expect(problemOf(() => names('idc=sz,web-1'))).toMatchObject([
    'SELECTOR_MIXED',
    { part: 'web-1', at: 7 },
  ])
})

test('what is written and exists nowhere is seen', () => {
  const unknown = (text: string) => unknownNames(parseSelector(text), fleet)
  expect(
    unknown('web-1 wbe-2 !web-9 10.0.0.9 1.2.3.4 web-[1-3] idc=sz,rol db.example.com'),
  ).toEqual(['wbe-2', '10.0.0.9', 'web-3', 'rol', 'db.example.com', 'web-9'])
  expect(unknown('* idc=nowhere 10.9.9.9 @x web-7*')).toEqual([])
})

test('patterns match as expected, and quickly', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[ab*?]{0,8}$/),
      fc.stringMatching(/^[ab]{0,10}$/),
      (pattern, text) => {
        const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`)
        expect(globMatches(pattern, text)).toBe(expression.test(text))
      },
    ),
    { numRuns: 1000 },
  )
  const start = performance.now()
  globMatches(`${'*a'.repeat(100)}*b`, 'a'.repeat(253))
  expect(performance.now() - start).toBeLessThan(1000)
})

test('fifty thousand hosts take milliseconds (printed; 50 on a quiet machine)', () => {
  const many = Array.from({ length: 50_000 }, (_, n) =>
    host(`web-${n}`, `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, {
      idc: `idc${n % 7}`,
      app: n % 2 ? 'nginx' : 'haproxy',
      env: n % 10 ? 'prod' : 'test',
    }),
  )
  const time = (text: string): number => {
    const selector = parseSelector(text)
    const times = Array.from({ length: 5 }, () => {
      const start = performance.now()
      matchHosts(selector, many)
      return performance.now() - start
    })
    return Math.min(...times)
  }
  const times = [
    '*',
    'web-[1-20000]',
    'idc=idc1,app in (nginx,x),env!=prod !web-7',
    '10.0.0.0/20',
    'web-1* 10.0.3.4',
  ].map(time)
  process.stdout.write(
    `selectors over 50,000 hosts, ms: ${times.map((ms) => ms.toFixed(1)).join(' ')}\n`,
  )
  expect(Math.max(...times)).toBeLessThan(1000)
})

test.each([
  ['terms', (n: number) => Array.from({ length: n }, (_, i) => `a=b${i}`).join(' ')],
  [
    'conditions of one term',
    (n: number) => Array.from({ length: n }, (_, i) => `a!=b${i}`).join(','),
  ],
  ['bare labels', (n: number) => `a=b,${Array.from({ length: n }, (_, i) => `l${i}`).join(',')}`],
])('a few kilobytes of %s cannot keep the process busy over a large fleet', (_, text) => {
  const many = Array.from({ length: 100_000 }, (_, n) => host(`h${n}`, '10.0.0.1'))
  const start = performance.now()
  expect(() => matchHosts(parseSelector(text(1000)), many)).toThrow(
    expect.objectContaining({ code: 'SELECTOR_TOO_LARGE', details: { limit: 50 } }),
  )
  expect(performance.now() - start).toBeLessThan(500)
  expect(() => matchHosts(parseSelector(text(40)), many)).not.toThrow()
})
