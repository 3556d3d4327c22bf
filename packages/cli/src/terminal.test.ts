// What hosts and other people wrote cannot drive the terminal of whoever reads it.

import { expect, test } from 'vitest'
import { jsonText, tame, writeOutput } from './terminal.ts'

const hostile = '\u001b]0;pwned\u0007\u001b[2J\u001b]52;c;cm0gLXJm\u0007ok\u009b5n\u202egnp.exe'

test('our own colours stay, everything else that drives a terminal goes', () => {
  expect(tame(`\u001b[31mfailed\u001b[0m ${hostile}`)).toBe('\u001b[31mfailed\u001b[0m okgnp.exe')
})

test('JSON on a terminal holds no sign that it would obey, and means the same', () => {
  const text = jsonText({ text: hostile })
  expect(/[\p{Cc}\p{Cf}]/u.test(text)).toBe(false)
  expect(JSON.parse(text)).toEqual({ text: hostile })
})

test.each([
  ['a terminal', true, 'okgnp.exe'],
  ['a file or a pipe', false, hostile],
])('output of a host for %s', (_, isTTY, shown) => {
  const written: string[] = []
  const stream = { isTTY, write: (text: string) => written.push(text) > 0 }
  writeOutput(stream as unknown as NodeJS.WriteStream, hostile)
  expect(written).toEqual([shown])
})
