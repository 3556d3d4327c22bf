// Checks of output made readable.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeOutput, isEncoding, stripTerminal } from './output-text.ts'

test('decodes UTF-8, GB18030, and anything else without throwing', () => {
  expect(decodeOutput(new TextEncoder().encode('中文'))).toBe('中文')
  expect(decodeOutput(new Uint8Array([0xd6, 0xd0, 0xce, 0xc4]), 'gb18030')).toBe('中文')
  expect(decodeOutput(new Uint8Array([0x61, 0xff, 0x62]))).toBe('a\ufffdb')
  expect(decodeOutput(new Uint8Array([0x61]), 'no-such')).toBe('a')
  expect(['utf-8', 'GBK', 'big5', 'no-such', 'replacement', ''].map(isEncoding)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ])
})

test.each([
  ['\x1b[1;31mred\x1b[0m plain', 'red plain'],
  ['\x1b]0;title\x07text', 'text'],
  ['\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\', 'link'],
  ['\x1b]0;never ended\nnext', '0;never ended\nnext'],
  ['\x1bPq#0\x1b\\after', 'after'],
  ['\x1b(Bx\x1b=y\x1bMz', 'xyz'],
  ['\x9b31mc1', 'c1'],
  ['10%\r20%\r100%\r\ndone\r\n', '100%\ndone\n'],
  ['N\bNA\bA', 'NA'],
  ['a\0b\x07c\td', 'abc\td'],
  ['\u202egnp.exe', 'gnp.exe'],
  ['\x1b', ''],
])('%j', (text, plain) => {
  expect(stripTerminal(text)).toBe(plain)
})

test('nothing that drives a terminal is left, whatever the bytes', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '\x1b',
      '[',
      ']',
      '\x9d',
      '0;',
      '\x07',
      '\\',
      '\r',
      '\b',
      '\n',
      'P',
      '\x1b]',
      'm',
    ),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const plain = stripTerminal(pieces.join(''))
      expect(/\p{Cc}/u.test(plain.replace(/[\n\t]/g, ''))).toBe(false)
      expect(stripTerminal(plain)).toBe(plain)
    }),
    { numRuns: 500 },
  )
})

test('a megabyte of anything takes linear time', { timeout: 60_000 }, () => {
  for (const unit of ['\x1b]', '\x1b[', '\r', '\b', ' ', '\x1b]0;x', '\x9d', 'a\r', '\n']) {
    const text = unit.repeat((1 << 20) / unit.length)
    const start = performance.now()
    stripTerminal(text)
    expect(performance.now() - start).toBeLessThan(10_000)
  }
})
