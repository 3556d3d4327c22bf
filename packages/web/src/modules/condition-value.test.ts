import { expect, test } from 'vitest'
import { conditionValue } from './condition-value.ts'

test.each([
  ['switch', 'true', true],
  ['switch', 'false', false],
  ['checkbox', 'true', true],
  ['checkbox', 'cache', 'cache'],
  ['number', '8080', 8080],
  ['number', 'many', 'many'],
  ['radio', 'true', 'true'],
  [undefined, '1', '1'],
] as const)('a condition on a %s: %s', (kind, text, value) => {
  expect(conditionValue(kind, text)).toBe(value)
})
