// Filters of the hosts page: tree, words and selector together.

import { matchHosts, parseSelector } from '@omserver/core'
import { expect, test } from 'vitest'
import type { BriefHost } from './fleet.ts'
import { filterHosts, pathSelector } from './host-filter.ts'

const host = (
  name: string,
  labels: Record<string, string>,
  outerAddress: string | null = null,
): BriefHost => ({
  id: name,
  name,
  address: '10.0.0.1',
  outerAddress,
  driver: 'ssh',
  labels,
  keyChanged: false,
})
const fleet = [
  host('web-1', { idc: 'sz', 业务: '商 城' }),
  host('web-2', { idc: 'bj' }, '1.2.3.4'),
  host('db-1', {}),
]
const names = (hosts: readonly BriefHost[]) => hosts.map(({ name }) => name)
const open = { order: ['idc', '业务'], path: [], text: '', selector: undefined }
const groups = new Map([['webs', 'web-*']])

test('no filter leaves the fleet as it is', () => {
  expect(filterHosts(fleet, open, groups)).toBe(fleet)
})

test('words look into names, both addresses and labels, in any case', () => {
  expect(names(filterHosts(fleet, { ...open, text: '1.2.3 WEB' }, groups))).toEqual(['web-2'])
  expect(names(filterHosts(fleet, { ...open, text: 'idc=sz' }, groups))).toEqual(['web-1'])
})

test('tree and selector narrow each other', () => {
  const selector = parseSelector('@webs')
  expect(names(filterHosts(fleet, { ...open, path: ['bj'], selector }, groups))).toEqual(['web-2'])
  expect(names(filterHosts(fleet, { ...open, path: [''] }, groups))).toEqual(['db-1'])
})

test('a node of the tree, written as a selector, picks the same hosts', () => {
  const text = pathSelector(['idc', '业务'], ['sz', '商 城'])
  expect(text).toBe('idc=sz,业务="商 城"')
  const [first] = fleet
  const all = fleet.map((each) => ({ ...each, outerAddress: each.outerAddress ?? undefined }))
  expect(matchHosts(parseSelector(text ?? ''), all).map(({ name }) => name)).toEqual([first?.name])
  expect(pathSelector(['idc'], [''])).toBeUndefined()
})
