// Every route of the contract has exactly one handler, and no handler serves a route that is not in it.

import type { Route } from '@omserver/api'
import type { Handler } from './handler.ts'

/** Throws an Error that names every route and handler at fault: the server does not start half served. */
export const checkHandlers = (routes: readonly Route[], handlers: readonly Handler[]): void => {
  const wrong: string[] = []
  const declared = new Map<string, Route>()
  for (const route of routes) {
    if (declared.has(route.id)) wrong.push(`declared twice: ${route.id}`)
    declared.set(route.id, route)
  }
  const served = new Set<string>()
  for (const { route } of handlers) {
    if (declared.get(route.id) !== route) wrong.push(`not in the contract: ${route.id}`)
    if (served.has(route.id)) wrong.push(`served twice: ${route.id}`)
    served.add(route.id)
  }
  for (const id of declared.keys()) {
    if (!served.has(id)) wrong.push(`not served: ${id}`)
  }
  if (wrong.length > 0) throw new Error(`the handlers do not fit the contract: ${wrong.join(', ')}`)
}
