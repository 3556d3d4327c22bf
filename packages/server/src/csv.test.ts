import { expect, it } from 'vitest'
import { csvLine } from './csv.ts'

it('quotes what would break a line or a cell', () => {
  expect(csvLine(['a', 'b,c', 'say "hi"', 'two\nlines', 3, null, undefined, true])).toBe(
    'a,"b,c","say ""hi""","two\nlines",3,,,true\r\n',
  )
})

it('keeps a spreadsheet from taking a text for a formula', () => {
  const cells = ['=1+1', '+1', '-1', '@sum', '\t=1', '\r=1']
  expect(csvLine(cells)).toBe(`'=1+1,'+1,'-1,'@sum,'\t=1,"'\r=1"\r\n`)
  // The wide signs of Chinese and Japanese input are formulas to a spreadsheet, too.
  expect(csvLine(['＝1', '＠sum', '＋1', '－1', '\n=1'])).toBe(`'＝1,'＠sum,'＋1,'－1,"'\n=1"\r\n`)
  expect(csvLine([-1])).toBe('-1\r\n')
})
