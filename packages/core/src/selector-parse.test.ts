// Checks of the grammar of selectors.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Problem } from './problem.ts'
import { formatSelector, isHostName, isLabelSelector, type Selector } from './selector.ts'
import { parseSelector } from './selector-parse.ts'

const problemOf = (text: string): unknown => {
  try {
    parseSelector(text)
  } catch (error) {
    if (error instanceof Problem)
      return { code: error.code, part: error.details['part'], at: error.details['at'] }
    throw error
  }
  return 'parsed'
}

const withoutPlaces = (selector: Selector): unknown =>
  JSON.parse(JSON.stringify(selector, (key, value) => (key === 'at' ? undefined : value)))

test('terms of every kind', () => {
  const kinds = parseSelector(
    'web-1 web-[1-3] web-* * 10.0.0.1 fd00::1 10.0.0.0/8 idc=sz @数据库 !web-2',
  )
  expect(kinds.include.map(({ kind }) => kind)).toEqual([
    'name',
    'range',
    'glob',
    'all',
    'address',
    'address',
    'cidr',
    'labels',
    'group',
  ])
  expect(kinds.exclude).toEqual([{ kind: 'name', name: 'web-2', at: 64 }])
})

test('labels: equality, sets, existence and absence', () => {
  const text = `idc=sz, app in (nginx, haproxy) ,env!=prod,ver notin (1.*),role,!old,业务="商 城"`
  expect(parseSelector(text).include).toEqual([
    {
      kind: 'labels',
      at: 0,
      conditions: [
        { op: 'equals', label: 'idc', value: { text: 'sz', glob: false } },
        {
          op: 'in',
          label: 'app',
          values: [
            { text: 'nginx', glob: false },
            { text: 'haproxy', glob: false },
          ],
        },
        { op: 'notEquals', label: 'env', value: { text: 'prod', glob: false } },
        { op: 'notIn', label: 'ver', values: [{ text: '1.*', glob: true }] },
        { op: 'exists', label: 'role', at: 59 },
        { op: 'absent', label: 'old', at: 65 },
        { op: 'equals', label: '业务', value: { text: '商 城', glob: false } },
      ],
    },
  ])
})

test('signs of a Chinese keyboard are the same signs', () => {
  expect(
    withoutPlaces(parseSelector('机房＝深圳，应用 in （网关，“支付 网关”） ！老主机')),
  ).toEqual(withoutPlaces(parseSelector('机房=深圳,应用 in (网关,"支付 网关") !老主机')))
  const kept = parseSelector('a="，！“好”"').include[0]
  expect(kept).toMatchObject({ conditions: [{ value: { text: '，！“好”' } }] })
})

test('ranges: padded, listed, nested, of addresses', () => {
  const names = (text: string) => {
    const [term] = parseSelector(text).include
    return term?.kind === 'range' ? term.names : []
  }
  expect(names('w-[8-10]')).toEqual(['w-8', 'w-9', 'w-10'])
  expect(names('w-[08-10]')).toEqual(['w-08', 'w-09', 'w-10'])
  expect(names('w-[1-2,7].sz')).toEqual(['w-1.sz', 'w-2.sz', 'w-7.sz'])
  expect(names('r[1-2]n[1-2]')).toEqual(['r1n1', 'r1n2', 'r2n1', 'r2n2'])
  expect(names('10.0.0.[9-10]')).toEqual(['10.0.0.9', '10.0.0.10'])
})

describe('what does not parse is named', () => {
  test.each([
    ['web-1 web-[1-', 'web-[1-', 6],
    ['web-[3-1]', 'web-[3-1]', 0],
    ['10.0.0.[250-256]', '10.0.0.[250-256]', 0],
    ['a 10.0.0.256', '10.0.0.256', 2],
    ['10.0.0.0/40', '10.0.0.0/40', 0],
    ['fe80:::1', 'fe80:::1', 0],
    ['idc=sz,', 'idc=sz,', 7],
    ['idc=', 'idc=', 4],
    ['=sz', '=sz', 0],
    ['idc=sz app in (a', 'idc=sz app in (a', 16],
    ['idc="sz', '"sz', 4],
    ['!web-1', '!web-1', 0],
    ['a ! b', 'a !', 3],
    ['a!b', '!b', 1],
    ['@', '@', 1],
    ['a;b', 'a;b', 0],
    ['idc=[1-3]', '[1-3]', 4],
  ])('%s', (text, part, at) => {
    expect(problemOf(text)).toMatchObject({ code: 'SELECTOR_SYNTAX', at })
    const { part: named } = problemOf(text) as { part: string }
    expect(named.startsWith(part)).toBe(true)
  })
})

test.each([
  ['web-1,web-2', 'web-1,web-2', 0],
  ['idc=sz,web-[1-3]', 'web-[1-3]', 7],
  ['10.0.0.1,idc=sz', '10.0.0.1', 0],
  ['idc=sz,!10.0.0.1', '10.0.0.1', 8],
])('names and labels in one term: %s', (text, part, at) => {
  expect(problemOf(text)).toEqual({ code: 'SELECTOR_MIXED', part, at })
})

test('ranges together are bounded, and so is the text: both are said as what they are', () => {
  const part = 'b[1-60000]'
  expect(problemOf(`a[1-60000] ${part}`)).toEqual({ code: 'SELECTOR_RANGE', part, at: 11 })
  expect(problemOf('web-[1-999999999]')).toMatchObject({ code: 'SELECTOR_RANGE', at: 0 })
  expect(problemOf('r-[1-1000000]')).toMatchObject({ code: 'SELECTOR_RANGE', at: 0 })
  expect(problemOf('r[1-400]n[1-400]')).toMatchObject({ code: 'SELECTOR_RANGE' })
  expect(problemOf('r[1-400]n[5-3]')).toMatchObject({ code: 'SELECTOR_SYNTAX' })
  expect(problemOf('x '.repeat(60_000))).toMatchObject({ code: 'SELECTOR_LENGTH' })
})

const word = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/),
  fc.constantFrom(
    '机房',
    '深圳',
    'k8s.io/role',
    'a b',
    'in',
    '"',
    '\\',
    'é',
    '10.0.0.1',
    '*',
    '，',
  ),
)
const value = fc.oneof(
  word.map((text) => ({ text, glob: false })),
  fc.constantFrom('*', 'a*', '?x').map((text) => ({ text, glob: true })),
)
const condition = fc.oneof(
  fc.record({ op: fc.constantFrom('equals', 'notEquals'), label: word, value }),
  fc.record({
    op: fc.constantFrom('in', 'notIn'),
    label: word,
    values: fc.array(value, { minLength: 1, maxLength: 3 }),
  }),
)
const bare = fc.record({ op: fc.constantFrom('exists', 'absent'), label: word })
const term = fc.oneof(
  fc.record({ kind: fc.constant('all') }),
  fc.record({ kind: fc.constant('name'), name: fc.oneof(word.filter(isHostName), fc.ipV4()) }),
  fc.record({ kind: fc.constant('address'), address: fc.oneof(fc.ipV4(), fc.ipV6()) }),
  fc.record({ kind: fc.constant('group'), group: word }),
  fc.record({
    kind: fc.constant('labels'),
    conditions: fc
      .tuple(condition, fc.array(bare, { maxLength: 2 }))
      .map(([one, more]) => [one, ...more]),
  }),
)

test('a selector written as text is the same selector', () => {
  fc.assert(
    fc.property(
      fc.array(term, { minLength: 1, maxLength: 5 }),
      fc.array(term, { maxLength: 3 }),
      (include, exclude) => {
        const selector = { include, exclude } as unknown as Selector
        expect(withoutPlaces(parseSelector(formatSelector(selector)))).toEqual(
          withoutPlaces(selector),
        )
      },
    ),
    { numRuns: 500 },
  )
})

test('any text parses or is refused with a place in it, quickly', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          word,
          fc.constantFrom(' ', ',', '!', '=', '(', ')', '[', ']', '1-3', ' in ', '@', '/8', '"'),
        ),
        { maxLength: 30 },
      ),
      (parts) => {
        const text = parts.join('')
        const problem = problemOf(text)
        if (problem === 'parsed') return
        expect(['SELECTOR_SYNTAX', 'SELECTOR_MIXED']).toContain((problem as { code: string }).code)
        expect((problem as { at: number }).at).toBeLessThanOrEqual(text.length)
      },
    ),
    { numRuns: 2000 },
  )
  const start = performance.now()
  for (const text of [
    ' '.repeat(99_000),
    'a'.repeat(99_000),
    '['.repeat(99_000),
    'a=b,'.repeat(24_000),
    '!'.repeat(99_000),
    'a '.repeat(49_000),
  ])
    problemOf(text)
  expect(performance.now() - start).toBeLessThan(10_000)
})

test('a grant may use labels and * only', () => {
  expect(
    ['*', 'idc=sz !app=x', '* !env=prod'].map((text) => isLabelSelector(parseSelector(text))),
  ).toEqual([true, true, true])
  expect(
    ['@a', 'web-1', '* !10.0.0.1'].map((text) => isLabelSelector(parseSelector(text))),
  ).toEqual([false, false, false])
})

test('names of hosts', () => {
  expect(['web-1', '数据库-1', 'a.b_c', '10.0.0.1', 'fd00::1', '_x'].every(isHostName)).toBe(true)
  expect(
    ['', 'a b', '-a', 'a,b', 'a*', '@a', 'a:b', '!a', 'a[1]', 'a/b', 'x'.repeat(254), 'a\n'].some(
      isHostName,
    ),
  ).toBe(false)
})
