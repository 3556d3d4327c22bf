// Who a request comes from, as the http adapter needs to know it. The auth slice finds it out.

import type { IncomingHttpHeaders } from 'node:http'
import type { Actor } from '../actor.ts'

export interface Identity {
  readonly actor: Actor
  /** What `x-om-csrf` must say for a request that changes something; null for API tokens, which need none. */
  readonly csrf: string | null
  /** What is left until a password that others know is replaced: doing that, or making a token as well. */
  readonly only?: 'password' | 'passwordOrToken'
}

export interface Caller {
  readonly headers: IncomingHttpHeaders
  /** Client address. */
  readonly ip: string
}

/**
 * undefined: no proof of identity was sent.
 * Throws Problem: TOKEN_BAD, SESSION_EXPIRED, USER_DISABLED.
 */
export type Authenticate = (caller: Caller) => Promise<Identity | undefined>

export const nobody = (from: string): Actor => ({
  id: null,
  name: '',
  role: 'viewer',
  permissions: new Set(),
  grants: [],
  via: 'nobody',
  from,
})
