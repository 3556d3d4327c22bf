// Key sequences: a pair within the pause, a single key, and what must not fire.

import { expect, test } from 'vitest'
import { sequenceReader } from './keys.ts'

const known = { '/': () => {}, j: () => {}, 'g r': () => {}, 'g h': () => {} }

test('two keys in a row within the pause are one sequence', () => {
  const read = sequenceReader()
  expect(read('g', 0, known)).toBeUndefined()
  expect(read('r', 500, known)).toBe('g r')
})

test('a second key that comes too late stands alone', () => {
  const read = sequenceReader()
  read('g', 0, known)
  expect(read('r', 5000, known)).toBeUndefined()
  expect(read('j', 5100, known)).toBe('j')
})

test('the end of one sequence does not begin the next', () => {
  const read = sequenceReader()
  read('g', 0, known)
  read('h', 10, known)
  expect(read('r', 20, known)).toBeUndefined()
})
