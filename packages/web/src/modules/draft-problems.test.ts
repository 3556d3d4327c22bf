// What an unfinished module is told.

import type { CustomInput } from '@omserver/api'
import { expect, test } from 'vitest'
import { draftProblems } from './draft-problems.ts'

const t = (text: string) => ({ zh: text, en: '' })
const draft: CustomInput = {
  name: 'app.clean',
  title: t('清理'),
  summary: t(''),
  category: 'custom',
  fields: [{ name: 'word', kind: 'text', title: t('文字'), required: true }],
  script: { interpreter: 'sh', content: 'echo {{word}}' },
}
const field = (part: object): CustomInput => ({
  ...draft,
  fields: draft.fields.map((one) => ({ ...one, ...part })),
})
const codes = (given: CustomInput) => draftProblems(given).map(({ code }) => code)

test('a title in one language will do', () => {
  expect(draftProblems(draft)).toEqual([])
})

test('each problem says where it can be put right', () => {
  const [field = { name: '', kind: 'text', title: t(''), required: false }] = draft.fields
  expect(
    draftProblems({
      ...draft,
      name: '',
      title: t(' '),
      fields: [field, { ...field, name: 'Word', title: t('') }],
      dangerous: t(''),
    }),
  ).toEqual([
    { tab: 'what', part: 'name', code: 'moduleName', missing: true },
    { tab: 'what', part: 'title', code: 'title', missing: true },
    { tab: 'form', index: 1, part: 'name', code: 'taken' },
    { tab: 'form', index: 1, part: 'title', code: 'title', missing: true },
    { tab: 'running', part: 'dangerous', code: 'reason', missing: true },
  ])
})

test.each([
  ['a name with a blank', { name: 'a b' }, 'fieldName'],
  ['a name that a list would need', { name: 'a__1' }, 'fieldName'],
  ['a choice of nothing', { kind: 'radio' }, 'choices'],
  [
    'choices from a command that is none',
    { kind: 'select', choicesFrom: { from: 'command', command: ' ' } },
    'source',
  ],
  ['a pattern that does not compile', { pattern: '(' }, 'pattern'],
  ['limits that leave nothing', { kind: 'number', min: 5, max: 4 }, 'limits'],
  ['a limit that is no number', { kind: 'number', min: Number.NaN }, 'limits'],
  ['a condition on what is gone', { when: { field: 'ghost', in: [] } }, 'when'],
])('%s', (_, part, code) => {
  expect(codes(field(part))).toEqual([code])
})

test('a checkbox is one box without choices', () => {
  expect(codes(field({ kind: 'checkbox' }))).toEqual([])
})

test.each([0, 500, 1500, 90_000_000, Number.NaN])('no timeout: %d ms', (timeoutMs) => {
  expect(codes({ ...draft, timeoutMs })).toEqual(['timeout'])
})

test('a table needs columns of different names, and something to cut at', () => {
  const column = { key: 'a', title: t(''), type: 'text' as const }
  expect(codes({ ...draft, table: { columns: [], rows: { by: 'split' } } })).toEqual(['columns'])
  expect(
    codes({
      ...draft,
      table: {
        columns: [column, column, { ...column, key: '' }],
        rows: { by: 'keyValue', at: '' },
      },
    }),
  ).toEqual(['at', 'taken', 'key'])
  expect(
    codes({ ...draft, table: { columns: [column], rows: { by: 'match', pattern: '(' } } }),
  ).toEqual(['pattern'])
})
