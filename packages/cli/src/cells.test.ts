// Widths as a terminal shows them.

import { expect, test } from 'vitest'
import { cellsOf } from './cells.ts'

test.each([
  ['', 0],
  ['host-1', 6],
  ['主机', 4],
  ['（加 --help 查看用法）', 22],
  ['𠮷', 2],
])('%j takes %i cells', (text, cells) => {
  expect(cellsOf(text)).toBe(cells)
})
