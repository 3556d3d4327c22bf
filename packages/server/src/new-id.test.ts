import { expect, it } from 'vitest'
import { z } from 'zod'
import { uuidGenerator } from './new-id.ts'

it('makes UUIDv7 that carry the time', () => {
  const id = uuidGenerator(() => Date.UTC(2026, 0, 2))()
  expect(z.uuidv7().safeParse(id).success).toBe(true)
  expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(Date.UTC(2026, 0, 2))
})

it('only grows, within one millisecond, and when the clock steps back', () => {
  let now = 1_700_000_000_000
  const newId = uuidGenerator(() => now)
  const ids = Array.from({ length: 10_000 }, (_, n) => {
    if (n === 5000) now -= 3_600_000
    return newId()
  })
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set(ids).size).toBe(ids.length)
})
