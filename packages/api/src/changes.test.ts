// A change must leave alone what it does not mention: no PATCH route may fill in values of its own.

import { expect, test } from 'vitest'
import { allRoutes } from './all-routes.ts'

const changes = allRoutes.filter((route) => route.method === 'PATCH')

test.each(changes.map((route) => [route.id, route] as const))('%s', (_, route) => {
  if (!('body' in route) || !route.body) throw new Error('a change has a body')
  expect(route.body.parse({})).toEqual({})
})
