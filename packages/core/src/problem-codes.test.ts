// Checks of the sentences of problems.

import { expect, test } from 'vitest'
import { Problem } from './problem.ts'
import { fillText, problemTexts, textOfProblem } from './problem-codes.ts'

test('both languages name the same details', () => {
  const names = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort()
  for (const [code, text] of Object.entries(problemTexts)) {
    expect(names(text.zh), code).toEqual(names(text.en))
    expect(/[\u4e00-\u9fff]/.test(text.zh), code).toBe(true)
    expect(/[\u4e00-\u9fff]/.test(text.en), code).toBe(false)
  }
})

test('details fill their places, lists and texts in the right language', () => {
  expect(
    fillText(
      { zh: '{a}；{b}；{c}', en: '{a}; {b}; {c}' },
      { a: ['x', 1], b: { zh: '中', en: 'en' } },
    ),
  ).toEqual({
    zh: 'x、1；中；{c}',
    en: 'x, 1; en; {c}',
  })
  const hosts = { zh: '{n} 台', en: '{n} {n|host|hosts} {n|is|are} left' }
  expect([0, 1, 2].map((n) => fillText(hosts, { n }).en)).toEqual([
    '0 hosts are left',
    '1 host is left',
    '2 hosts are left',
  ])
  expect(
    textOfProblem(new Problem('TEMPLATE_PARAM_UNKNOWN', { name: 'nme', line: 2 }))?.en,
  ).toContain('Line 2 of the script uses {{nme}}')
  expect(textOfProblem(new Problem('toString'))).toBeUndefined()
})
