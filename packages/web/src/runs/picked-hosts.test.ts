import { expect, test } from 'vitest'
import { hasTerm, pickedFirst, tick, untick } from './picked-hosts.ts'

test('ticking adds a name once and takes back its exclusion', () => {
  expect(tick('', 'web-1')).toBe('web-1')
  expect(tick('web-1', 'web-1')).toBe('web-1')
  expect(tick('idc=sz !web-1', 'web-1')).toBe('idc=sz web-1')
})

test('unticking removes the name, or subtracts it where another term picks it', () => {
  expect(untick('web-1 web-2', 'web-1', false)).toBe('web-2')
  expect(untick('idc=sz', 'web-1', true)).toBe('idc=sz !web-1')
})

test('terms with lists and quotes stay whole', () => {
  expect(tick('app in (nginx, haproxy),env="pre prod"', 'db-1')).toBe(
    'app in (nginx, haproxy),env="pre prod" db-1',
  )
  expect(hasTerm('web-1 db-1', 'db-1')).toBe(true)
})

test('what is picked stands before the rest, each in its order', () => {
  const hosts = ['a', 'b', 'c', 'd'].map((name) => ({ name }))
  const names = (picked: readonly string[]) =>
    pickedFirst(hosts, new Set(picked)).map(({ name }) => name)
  expect(names(['d', 'b'])).toEqual(['b', 'd', 'a', 'c'])
  expect(names([])).toEqual(['a', 'b', 'c', 'd'])
  expect(names(['a', 'b', 'c', 'd'])).toEqual(['a', 'b', 'c', 'd'])
})
