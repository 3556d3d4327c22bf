// Finds answers that are not what their route declares. For development and tests; too slow for large lists.

import { errorsOfRoute, type Route } from '@omserver/api'
import { Problem } from '@omserver/core'

/** Throws an Error that names what is missing, of the wrong type, or not declared (and so perhaps a leak). */
export const checkAnswer = (route: Route, answer: unknown): void => {
  const result = route.answer.safeParse(answer)
  if (!result.success) {
    throw new Error(`${route.id} answers what it does not declare: ${result.error.message}`)
  }
  const extra = undeclared(answer, result.data, '')
  if (extra.length > 0)
    throw new Error(`${route.id} answers undeclared fields: ${extra.join(', ')}`)
}

/** Throws an Error when a handler threw a problem that its route does not declare: clients would not expect it. */
export const checkProblem = (route: Route, error: unknown): void => {
  if (!(error instanceof Problem) || errorsOfRoute(route).includes(error.code)) return
  throw new Error(`${route.id} throws ${error.code}, which it does not declare`, { cause: error })
}

const undeclared = (given: unknown, parsed: unknown, path: string): string[] => {
  if (typeof given !== 'object' || given === null) return []
  if (typeof parsed !== 'object' || parsed === null) return []
  return Object.entries(given).flatMap(([key, value]) => {
    if (value === undefined) return []
    if (!Object.hasOwn(parsed, key)) return [`${path}${key}`]
    return undeclared(value, (parsed as Record<string, unknown>)[key], `${path}${key}.`)
  })
}
