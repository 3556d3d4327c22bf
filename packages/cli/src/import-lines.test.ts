// What an import would do, as a person reads it before doing it.

import { expect, test } from 'vitest'
import { ignoredLines, importLines } from './import-lines.ts'

test('each host that would be new or changed is a row, the others are counted', () => {
  const row = { line: 2, address: '10.0.0.1', port: 22, labels: { idc: 'sz' }, changes: [] }
  const lines = importLines({
    format: 'yaml',
    add: 1,
    update: 1,
    same: 1,
    problems: [],
    ignored: [],
    unknown: [],
    shared: [],
    rows: [
      {
        ...row,
        name: 'web-2',
        what: 'update',
        changes: [{ field: 'port', from: '22', to: '2222' }],
      },
      { ...row, name: 'web-1', what: 'add' },
      { ...row, name: 'web-3', what: 'same' },
    ],
  })
  const text = lines.join('\n')
  expect(text).toMatch(/update +web-2 +10\.0\.0\.1 +port: 22 → 2222/)
  expect(text).toMatch(/add +web-1 +10\.0\.0\.1 +idc=sz/)
  expect(text).not.toContain('web-3')
  expect(lines.at(-1)).toBe('Would add 1, update 1, leave 1 as they are.')
})

test('what is left out is named, and where the account comes from instead', () => {
  expect(ignoredLines([])).toEqual([])
  const [names, advice] = ignoredLines(['ansible_user', 'foo'])
  expect(names).toContain('ansible_user, foo')
  expect(advice).toContain('credential')
})
