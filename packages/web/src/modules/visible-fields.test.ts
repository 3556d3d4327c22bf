import type { FormField } from '@omserver/core'
import { expect, test } from 'vitest'
import { isVisible, visibleValues } from './visible-fields.ts'

const field = (name: string, more: Partial<FormField> = {}): FormField => ({
  name,
  kind: 'text',
  title: { zh: name, en: name },
  required: false,
  ...more,
})
const by = field('by', { default: 'name' })
const pid = field('pid', { when: { field: 'by', in: ['pid'] } })
const signal = field('signal', { when: { field: 'pid', in: [1] } })

test('a field follows the value or the default of the one it depends on', () => {
  expect(isVisible(pid, [by, pid], {})).toBe(false)
  expect(isVisible(pid, [by, pid], { by: 'pid' })).toBe(true)
})

test('what depends on a hidden field is hidden, and hidden values are not sent', () => {
  const fields = [by, pid, signal]
  expect(isVisible(signal, fields, { by: 'name', pid: 1 })).toBe(false)
  expect(visibleValues(fields, { by: 'name', pid: 1, signal: 'x' })).toEqual({ by: 'name' })
  expect(visibleValues(fields, { by: 'pid', pid: 1, signal: 'x' })).toEqual({
    by: 'pid',
    pid: 1,
    signal: 'x',
  })
})

test('fields that wait for each other stay hidden', () => {
  const a = field('a', { when: { field: 'b', in: ['x'] } })
  const b = field('b', { when: { field: 'a', in: ['x'] } })
  expect(isVisible(a, [a, b], { a: 'x', b: 'x' })).toBe(false)
})
