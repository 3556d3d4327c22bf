// What a client sends is taken whole or refused: a misspelt key must not be dropped without a word.

import { expect, test } from 'vitest'
import { z } from 'zod'
import { allRoutes } from './all-routes.ts'

/** Where an object lets unknown keys through, with everything that Zod wraps around it. */
const looseIn = (schema: unknown, path: string): string[] => {
  if (!(schema instanceof z.core.$ZodType)) return []
  const { def } = schema._zod
  const loose =
    schema instanceof z.core.$ZodObject && !(schema._zod.def.catchall instanceof z.core.$ZodNever)
      ? [path]
      : []
  const parts: Readonly<Record<string, unknown>> = {
    ...(schema instanceof z.core.$ZodObject && schema._zod.def.shape),
  }
  const wrapped = Object.entries(def).flatMap(([key, value]) =>
    key === 'catchall' || key === 'shape' ? [] : [value].flat(),
  )
  return [
    ...loose,
    ...Object.entries(parts).flatMap(([key, part]) => looseIn(part, `${path}.${key}`)),
    ...wrapped.flatMap((part) => looseIn(part, path)),
  ]
}

test('the walk sees through what stands around an object', () => {
  const inner = z.object({ a: z.string() })
  const body = z.strictObject({
    one: z.array(inner.optional()),
    two: z.union([z.string(), inner.partial()]).default('x'),
    three: z.record(z.string(), inner.nullable()),
    four: z.strictObject({ five: inner.extend({ b: z.number() }) }).readonly(),
    six: inner.transform((it) => it.a),
  })
  expect(looseIn(body, 'body')).toEqual(
    ['one', 'two', 'three', 'four.five', 'six'].map((name) => `body.${name}`),
  )
})

test.each(
  allRoutes.filter((route) => route.body ?? route.query).map((route) => [route.id, route] as const),
)('%s refuses unknown keys, in the body at any depth and in the query', (_, route) => {
  expect([...looseIn(route.body, 'body'), ...looseIn(route.query, 'query')]).toEqual([])
})
