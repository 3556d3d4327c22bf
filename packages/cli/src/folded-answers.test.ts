// How the hosts of an answer are written on one line.

import { expect, test } from 'vitest'
import { nameList } from './folded-answers.ts'

const web = Array.from({ length: 20 }, (_, index) => `web-${index + 1}`)

test('hosts are folded into ranges that a selector reads', () => {
  expect(nameList([...web, 'web-25', 'db-1'], 22)).toBe('web-[1-20,25] db-1')
})

test('hosts beyond those that were named are counted', () => {
  expect(nameList(web, 4871)).toBe('web-[1-20] (+4851)')
})

test('names that do not fold are cut where the line is full, and the rest is counted', () => {
  const names = Array.from(
    { length: 100 },
    (_, index) => `host${'abcdefghij'[index % 10]}${'x'.repeat(index)}`,
  )
  const text = nameList(names, 100)
  const shown = text.split(' ').length - 1
  expect(text.length).toBeLessThan(200)
  expect(text).toMatch(new RegExp(`\\(\\+${100 - shown}\\)$`))
})
