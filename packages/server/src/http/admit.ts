// Lets a request in or throws the problem that keeps it out. Runs before its body is read.

import { timingSafeEqual } from 'node:crypto'
import type { Route } from '@omserver/api'
import { Problem } from '@omserver/core'
import type { FastifyRequest } from 'fastify'
import type { Actor } from '../actor.ts'
import { callerOf } from './caller.ts'
import { type Authenticate, nobody } from './identity.ts'

const CSRF_HEADER = 'x-om-csrf'

const password = ['auth.me', 'auth.logout', 'auth.changePassword']
/**
 * What is left while a password stands that others know. With the one that the first start prints a token may be
 * made, because `om login` is how many administrators and all programs begin; it ends with that password.
 */
const left = { password: new Set(password), passwordOrToken: new Set([...password, 'tokens.add']) }

/** Throws Problem: NOT_SIGNED_IN, TOKEN_BAD, SESSION_EXPIRED, CSRF, MUST_CHANGE_PASSWORD, FORBIDDEN. */
export const admit = async (
  route: Pick<Route, 'id' | 'may'>,
  request: FastifyRequest,
  authenticate: Authenticate,
): Promise<Actor> => {
  const changes = request.method !== 'GET' && request.method !== 'HEAD'
  if (changes) checkOrigin(request)
  if (route.may === 'public') return nobody(callerOf(request).ip)
  const identity = await authenticate(callerOf(request))
  if (identity === undefined) throw new Problem('NOT_SIGNED_IN')
  if (changes && identity.csrf !== null) checkCsrf(request, identity.csrf)
  if (identity.only && !left[identity.only].has(route.id)) {
    throw new Problem('MUST_CHANGE_PASSWORD')
  }
  if (route.may !== 'signedIn' && !identity.actor.permissions.has(route.may)) {
    throw new Problem('FORBIDDEN', { permission: route.may })
  }
  return identity.actor
}

/** A browser says where a request was made; what was made on another site is refused. */
const checkOrigin = (request: FastifyRequest): void => {
  const { origin, authorization } = request.headers
  if (authorization !== undefined || origin === undefined) return
  let host: string | undefined
  try {
    host = new URL(origin).host
  } catch {
    // `null` and other opaque origins come from sandboxed pages, which are never ours.
  }
  if (host === undefined || host !== request.host) throw new Problem('CSRF')
}

const checkCsrf = (request: FastifyRequest, expected: string): void => {
  const given = request.headers[CSRF_HEADER]
  if (typeof given !== 'string') throw new Problem('CSRF')
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  if (a.length !== b.length || !timingSafeEqual(a, b)) throw new Problem('CSRF')
}
