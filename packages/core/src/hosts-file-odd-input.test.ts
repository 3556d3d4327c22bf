// Checks of what nobody planned for in a hosts file: unknown columns, lists pasted anyhow, and hostile files.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HostsFormat, UnknownChoice } from './host-entry.ts'
import { parseHostList } from './host-list.ts'
import { bytes, read } from './hosts-file.fixture.ts'
import { parseHostsFile } from './hosts-file.ts'
import { fillText, problemTexts } from './problem-codes.ts'

describe('columns that mean nothing here', () => {
  const csv = '主机名,内网IP,负责人,资产编号\nweb-1,10.0.0.1,张三,A-1\nweb-2,10.0.0.2,,A-2\n'
  const yaml =
    'hosts:\n  - { name: web-1, address: 10.0.0.1, owner: li, rack: 7, labels: { rack: 8 } }\n'
  const readBy = (text: string, unknown: (column: string) => UnknownChoice) =>
    parseHostsFile({ bytes: bytes(text), unknown })

  test('are refused with their line until somebody says otherwise, and named with what they hold', () => {
    const file = read(csv)
    expect(file.problems.map(({ line, column, code }) => [line, column, code])).toEqual([
      [1, 3, 'HOSTS_FILE_COLUMN'],
      [1, 4, 'HOSTS_FILE_COLUMN'],
    ])
    expect(file.unknown).toEqual([
      { column: '负责人', line: 1, samples: ['张三'] },
      { column: '资产编号', line: 1, samples: ['A-1', 'A-2'] },
    ])
    expect(read(yaml).problems.map(({ code }) => code)).toEqual([
      'HOSTS_FILE_KEY',
      'HOSTS_FILE_KEY',
    ])
    // A file without titles has no columns to choose for.
    expect(read('a,b\n1,2\n', 'csv').unknown).toEqual([])
  })

  test('become labels or are passed over, each as was chosen', () => {
    const file = readBy(csv, (column) => (column === '负责人' ? 'label' : 'ignore'))
    expect(file.problems).toEqual([])
    expect(file.hosts.map(({ labels }) => labels)).toEqual([{ 负责人: '张三' }, {}])
    expect(file.unknown).toHaveLength(2)
    const keys = readBy(yaml, () => 'label')
    expect(keys.problems).toEqual([])
    // What stands under `labels` is what was meant.
    expect(keys.hosts[0]?.labels).toEqual({ owner: 'li', rack: '8' })
    expect(readBy(yaml, () => 'ignore').hosts[0]?.labels).toEqual({ rack: '8' })
  })

  test('a column whose title cannot be a label is a problem as a label', () => {
    const long = `ip,${'x'.repeat(70)}\n10.0.0.1,y\n`
    expect(readBy(long, () => 'label').problems.map(({ code }) => code)).toEqual([
      'HOSTS_FILE_LABEL',
    ])
    expect(readBy('ip,idc,x,x\n10.0.0.1,a,b,c\n', () => 'label').problems).toMatchObject([
      { code: 'HOSTS_FILE_COLUMN_TWICE' },
    ])
  })
})

test('what YAML has against a file is said in both languages', () => {
  const [found] = read('hosts:\n  - { name: a\n', 'yaml').problems
  expect(found?.code).toBe('HOSTS_FILE_SYNTAX')
  const said = fillText(problemTexts.HOSTS_FILE_SYNTAX, found?.details ?? {})
  expect(said.zh).toMatch(/^语法有误：[^a-zA-Z]+$/)
  expect(said.en).toMatch(/^Syntax error: [A-Z]/)
})

test('a pasted list in every way people write one', () => {
  const list = (text: string) =>
    parseHostList(text).hosts.map(
      ({ name, address, port }) => `${name} ${address}${port ? `:${port}` : ''}`,
    )
  expect(list('10.0.0.1, 10.0.0.2；10.0.0.3\n10.0.0.1\n')).toEqual([
    '10.0.0.1 10.0.0.1',
    '10.0.0.2 10.0.0.2',
    '10.0.0.3 10.0.0.3',
  ])
  expect(list('web-1 10.0.0.1\n10.0.0.2\tweb-2 # from /etc/hosts')).toEqual([
    'web-1 10.0.0.1',
    'web-2 10.0.0.2',
  ])
  expect(list('10.0.0.[1-2] 10.0.1.8-9 10.0.2.1-10.0.2.2')).toHaveLength(6)
  expect(list('web-[1-2] 10.0.0.[7-8]')).toEqual(['web-1 10.0.0.7', 'web-2 10.0.0.8'])
  expect(list('a.example.com b.example.com:2222 fd00::1')).toEqual([
    'a.example.com a.example.com',
    'b.example.com b.example.com:2222',
    'fd00::1 fd00::1',
  ])
  expect(list('web-[1-2,5]')).toHaveLength(3)
  expect(list('db.example.com db-a2\ndb-a3\tdb3.example.com:2222\nlb lb-1')).toEqual([
    'db-a2 db.example.com',
    'db-a3 db3.example.com:2222',
    'lb-1 lb',
  ])
  expect(list('web-[1-2].example.com web-[1-2]')).toEqual([
    'web-1 web-1.example.com',
    'web-2 web-2.example.com',
  ])
  expect(list('10.0.0.1 web-1.example.com web-1')).toEqual(['web-1.example.com 10.0.0.1'])
  // Commas make a list, and so do two ranges.
  expect(list('a.example.com, b\nweb-[1-2] db-[1-2]')).toHaveLength(6)
  expect(list('10.0.0.1 10.0.0.2\n10.0.0.3 10.0.0.4 web-9')).toHaveLength(5)
  expect(
    parseHostList('10.0.0.1\n10.0.0.300 x[2-1]\nroot@10.0.0.2').problems.map(({ line, code }) => [
      line,
      code,
    ]),
  ).toEqual([
    [2, 'HOSTS_FILE_RANGE'],
    [3, 'HOSTS_FILE_ADDRESS'],
  ])
})

describe('hostile files', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom(
      'hosts:\n',
      '  - ',
      '{',
      '}',
      '[',
      ']',
      'name: a',
      'address: 10.0.0.1',
      ',',
      '\n',
      '"',
      '&a ',
      '*a',
      ':',
      'all:\n',
      '[g:children]\n',
      '__proto__',
      'labels: ',
      'name,ip\n',
      '=',
      '<<',
      '? ',
      '|',
      '!!js ',
    ),
  )
  test('nothing throws, lines are lines of the file, every problem has its sentence', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 25 }),
        fc.constantFrom<HostsFormat | undefined>('yaml', 'csv', 'ansible', undefined),
        (pieces, format) => {
          const text = pieces.join('')
          for (const found of [read(text, format), parseHostList(text)]) {
            for (const { line, code, details } of found.problems) {
              expect(line).toBeGreaterThanOrEqual(1)
              expect(line).toBeLessThanOrEqual(text.split(/\r|\n/).length + 1)
              const said = fillText(problemTexts[code as keyof typeof problemTexts], details)
              expect(
                /\{(key|name|line|known|address|part|label|range|expected|message|reason)\}/.test(
                  said.zh.replace(JSON.stringify(details), ''),
                ),
              ).toBe(
                /\{(key|name|line|known|address|part|label|range|expected|message|reason)\}/.test(
                  JSON.stringify(details),
                ),
              )
            }
          }
        },
      ),
      { numRuns: 1000 },
    )
    expect(
      parseHostsFile({ bytes: new Uint8Array(2000).map((_, n) => (n * 7919) & 255) }).problems
        .length,
    ).toBeGreaterThan(0)
  })

  test('size is bounded', () => {
    expect(parseHostsFile({ bytes: new Uint8Array(10 * 1024 * 1024 + 1) }).problems).toMatchObject([
      { code: 'HOSTS_FILE_TOO_LARGE' },
    ])
    expect(read('[w]\nw[1:60000]\nx[1:60000]', 'ansible').problems).toMatchObject([
      { code: 'HOSTS_FILE_TOO_LARGE' },
    ])
    expect(read(`name,ip\n${'a b,x\n'.repeat(5000)}`, 'csv').problems).toHaveLength(1000)
    expect(read('['.repeat(100_000), 'yaml').problems).toMatchObject([{ code: 'HOSTS_FILE_SHAPE' }])
    expect(read('- '.repeat(100_000), 'yaml').problems).toMatchObject([
      { code: 'HOSTS_FILE_SHAPE' },
    ])
  })

  test('an inventory of many hosts in one map takes a moment', () => {
    const text = `all:\n  hosts:\n${Array.from({ length: 30_000 }, (_, n) => `    web-${n}: {}`).join('\n')}`
    const start = performance.now()
    expect(read(text, 'yaml').hosts).toHaveLength(30_000)
    expect(performance.now() - start).toBeLessThan(15_000)
  })

  test('megabytes of one sign take a moment', () => {
    for (const unit of ['\n', '#\n', ' ', ',', '"', 'x= ', '[a]\n', 'a:b ', '\t', '；', '[', '- {'])
      for (const format of ['yaml', 'csv', 'ansible'] as const) {
        // Where every sign is an error, the YAML parser takes 10 µs for each.
        const text = unit.repeat((format === 'yaml' ? 30_000 : 300_000) / unit.length)
        const start = performance.now()
        read(text, format)
        if (format === 'csv') parseHostList(text)
        expect(performance.now() - start, JSON.stringify([unit, format])).toBeLessThan(10_000)
      }
  }, 120_000)
})
