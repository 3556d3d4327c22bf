// Checks of tables out of outputs.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Problem } from './problem.ts'
import { type ColumnType, cellText, parseTable, type TableSpec } from './table.ts'

const columns = (...names: [string, ColumnType][]) =>
  names.map(([key, type]) => ({ key, type, title: { zh: key, en: key } }))

const df: TableSpec = {
  columns: columns(
    ['device', 'text'],
    ['size', 'bytes'],
    ['used', 'bytes'],
    ['use', 'percent'],
    ['mount', 'text'],
  ),
  rows: { by: 'split', skip: 1 },
}

test('split: the last cell takes the rest, numbers by type', () => {
  expect(
    parseTable(
      df,
      'Filesystem Size Used Use% Mounted on\n/dev/sda1  20G 1.5K  45% /data dir\ntmpfs - 0 0%  /run\n\nshort\n',
    ),
  ).toEqual([
    ['/dev/sda1', 20 * 1024 ** 3, 1536, 45, '/data dir'],
    ['tmpfs', null, 0, 0, '/run'],
    ['short', null, null, null, null],
  ])
  expect(
    parseTable(
      { columns: columns(['u', 'text'], ['rest', 'text']), rows: { by: 'split', at: ':' } },
      'root:x:0:0',
    ),
  ).toEqual([['root', 'x:0:0']])
})

test('match: named groups, other lines passed over; a bad pattern is named', () => {
  const spec = (pattern: string): TableSpec => ({
    columns: columns(['pid', 'number'], ['cmd', 'text']),
    rows: { by: 'match', pattern },
  })
  expect(parseTable(spec('^(?<pid>\\d+) (?<cmd>.+)$'), 'PID CMD\n12 nginx: master\n')).toEqual([
    [12, 'nginx: master'],
  ])
  expect(() => parseTable(spec('('), 'x')).toThrow(Problem)
})

test('keyValue: one row, first value wins, none when no key is there', () => {
  const spec: TableSpec = {
    columns: columns(['ID', 'text'], ['VERSION', 'text']),
    rows: { by: 'keyValue', at: '=' },
  }
  expect(parseTable(spec, 'ID=debian\nID=x\nVERSION=a=b')).toEqual([['debian', 'a=b']])
  expect(parseTable(spec, 'nothing here')).toEqual([])
})

test.each<[ColumnType, string, string | number]>([
  ['number', '1,234.5', 1234.5],
  ['number', 'n/a', 'n/a'],
  ['bytes', '3.2 GiB', 3_435_973_837],
  ['bytes', '512B', 512],
  ['seconds', '02:03', 123],
  ['seconds', '1-02:03:04', 93_784],
  ['seconds', '5m', 300],
  ['seconds', 'soon', 'soon'],
  ['percent', '7.5 %', 7.5],
  ['time', '12:30', '12:30'],
])('%s %s', (type, text, cell) => {
  expect(parseTable({ columns: columns(['a', type]), rows: { by: 'split' } }, text)).toEqual([
    [cell],
  ])
})

test('cells read well', () => {
  expect([
    cellText(null),
    cellText('x'),
    cellText(1536, 'bytes'),
    cellText(0, 'bytes'),
    cellText(45, 'percent'),
    cellText(185, 'seconds'),
    cellText(1.5),
  ]).toEqual(['', 'x', '1.5K', '0B', '45%', '3m05s', '1.5'])
})

test('any output is a table of that many columns', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(parseTable(df, text).every((row) => row.length === 5)).toBe(true)
    }),
  )
})
