// Pasted passwords: separators, passwords that hold separators, lines that are no pair.

import { expect, test } from 'vitest'
import { parsePasswords } from './password-list.ts'

test('space, tab and comma separate; the password keeps its own', () => {
  expect(parsePasswords('web-1 a b\nweb-2,x,y\r\n\nweb-3\tp w\n').passwords).toEqual({
    'web-1': 'a b',
    'web-2': 'x,y',
    'web-3': 'p w',
  })
})

test('lines without a password and doubled names are named', () => {
  const read = parsePasswords('web-1 a\nweb-2\nweb-1 b')
  expect(read.badLines).toEqual([2])
  expect(read.doubled).toEqual(['web-1'])
  expect(read.passwords).toEqual({ 'web-1': 'a' })
})

test('a name like __proto__ is a name', () => {
  expect(Object.keys(parsePasswords('__proto__ x').passwords)).toEqual(['__proto__'])
})
