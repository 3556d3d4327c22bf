// A sign-in never leads away from this page.

import { expect, test } from 'vitest'
import { safeNext } from './next-address.ts'

test('an address of this page is kept, with its query', () => {
  expect(safeNext('/hosts?sel=idc%3Dsz')).toBe('/hosts?sel=idc%3Dsz')
})

test.each([
  undefined,
  '',
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  'javascript:alert(1)',
  '/login?next=/x',
])('%s leads home', (next) => expect(safeNext(next)).toBe('/'))
