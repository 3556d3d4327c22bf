// The tree of labels: counts, order, hosts without a label, paths in addresses.

import type { Labels } from '@omserver/core'
import { expect, test } from 'vitest'
import { labelTree, pathOf, pathText, underPath } from './label-tree.ts'

const hosts: readonly { readonly labels: Labels }[] = [
  { labels: { idc: 'sz', app: 'nginx' } },
  { labels: { idc: 'sz', app: 'redis' } },
  { labels: { idc: 'bj10' } },
  { labels: { idc: 'bj9' } },
  { labels: {} },
]

test('counts sum up at every level, values in human order, what lacks the label last', () => {
  const tree = labelTree(hosts, ['idc', 'app'])
  expect(tree.map(({ value, hosts: count }) => [value, count])).toEqual([
    ['bj9', 1],
    ['bj10', 1],
    ['sz', 2],
    ['', 1],
  ])
  expect(tree[2]?.children.map(({ path }) => path)).toEqual([
    ['sz', 'nginx'],
    ['sz', 'redis'],
  ])
})

test('a level that says nothing is left out', () => {
  expect(labelTree(hosts, ['idc', 'app'])[0]?.children).toEqual([])
})

test('a host lies under its path and under no other', () => {
  const order = ['idc', 'app']
  expect(underPath({ idc: 'sz', app: 'nginx' }, order, ['sz'])).toBe(true)
  expect(underPath({ idc: 'sz', app: 'nginx' }, order, ['sz', 'redis'])).toBe(false)
  expect(underPath({}, order, [''])).toBe(true)
})

test('paths survive an address, slashes and empty values included', () => {
  const path = ['a/b', '', '机房 1']
  expect(pathOf(pathText(path))).toEqual(path)
  expect(pathOf('%E0%A4%A')).toBeUndefined()
})
