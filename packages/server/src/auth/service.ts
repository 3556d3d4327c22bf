// Signing in and out, sessions, and who a request comes from.

import { createHash, randomBytes } from 'node:crypto'
import { Problem } from '@omserver/core'
import { permissionsOf } from '../access/index.ts'
import type { Actor } from '../actor.ts'
import { ifWritable } from '../db/index.ts'
import type { Caller, Identity } from '../http/index.ts'
import type { Services } from '../services.ts'
import type { SettingsService } from '../settings/index.ts'
import {
  type Account,
  hashPassword,
  type People,
  TOKEN_PREFIX,
  verifyPassword,
} from '../users/index.ts'
import { readSessionCookie } from './session-cookie.ts'
import * as table from './table.ts'
import { Throttle } from './throttle.ts'

interface Identified extends SignedIn {
  readonly only: Identity['only']
}

export interface SignedIn {
  readonly account: Account
  readonly actor: Actor
  readonly csrf: string | null
}

export interface AuthService {
  /** Throws Problem: LOGIN_WRONG, LOGIN_THROTTLED {seconds}, USER_DISABLED. */
  login(
    input: { readonly name: string; readonly password: string },
    client: { readonly address: string; readonly userAgent: string },
  ): Promise<SignedIn & { readonly token: string }>
  logout(actor: Actor, caller: Caller): Promise<void>
  /** Throws Problem: LOGIN_WRONG, LOGIN_THROTTLED, PASSWORD_WEAK. */
  changePassword(actor: Actor, caller: Caller, current: string, next: string): Promise<void>
  /** Throws Problem: NOT_SIGNED_IN and what `authenticate` throws. */
  signedIn(caller: Caller): Promise<SignedIn>
  authenticate(caller: Caller): Promise<Identity | undefined>
  removeExpired(): Promise<void>
}

type Needs = Pick<Services, 'db' | 'clock' | 'activity'>
export interface AuthOptions {
  readonly settings: SettingsService
  readonly people: People
  readonly tls: boolean
}

const HOUR_MS = 3_600_000
/** An active session is written down once a minute, not at every request. */
const PROLONG_EVERY_MS = 60_000

export const authService = (services: Needs, options: AuthOptions): AuthService => {
  const { db, clock, activity } = services
  const { accounts, tokens } = options.people
  const byName = new Throttle({ free: 5, maxMs: 60_000 }, () => clock.monotonic())
  const byAddress = new Throttle({ free: 20, maxMs: 15 * 60_000 }, () => clock.monotonic())
  // What an unknown name is checked against, so that it takes as long as a known one.
  const decoy = hashPassword(randomBytes(16).toString('hex'))

  const checkPassword = async (
    account: Account | undefined,
    given: { readonly name: string; readonly password: string; readonly address: string },
  ): Promise<boolean> => {
    const name = given.name.normalize('NFKC').toLowerCase()
    const wait = Math.max(byName.wait(name), byAddress.wait(given.address))
    if (wait > 0) throw new Problem('LOGIN_THROTTLED', { seconds: Math.ceil(wait / 1000) })
    byName.failed(name)
    byAddress.failed(given.address)
    const right = await verifyPassword(account?.passwordHash ?? (await decoy), given.password)
    if (!right || account === undefined) return false
    byName.succeeded(name)
    byAddress.succeeded(given.address)
    return true
  }

  const sessionOf = async (caller: Caller): Promise<table.SessionRow | undefined> => {
    const token = readSessionCookie(caller.headers.cookie, options)
    if (token === undefined) return undefined
    const row = await table.byId(db, hashOf(token))
    const now = clock.now()
    if (!row || row.expires_at <= now) throw new Problem('SESSION_EXPIRED')
    if (now - row.last_seen_at >= PROLONG_EVERY_MS) {
      const { sessionHours } = await options.settings.read()
      await ifWritable(
        table.prolong(db, row.id, {
          last_seen_at: now,
          expires_at: now + sessionHours * HOUR_MS,
        }),
      )
    }
    return row
  }

  const identify = async (caller: Caller): Promise<Identified | undefined> => {
    const bearer = /^Bearer +(\S+)$/i.exec(caller.headers.authorization ?? '')?.[1]
    if (caller.headers.authorization !== undefined) {
      if (!bearer?.startsWith(TOKEN_PREFIX)) throw new Problem('TOKEN_BAD')
      const token = await tokens.owner(bearer)
      const account = await accounts.byId(token.userId)
      if (!account) throw new Problem('TOKEN_BAD')
      // One from before an administrator set another password is still worth what it was.
      const madeWithIt = token.createdAt >= account.passwordSetAt
      return {
        ...(await signedInAs(account, `token:${token.name}`, caller.ip, null)),
        only: account.passwordIs === 'given' && madeWithIt ? 'password' : undefined,
      }
    }
    const session = await sessionOf(caller)
    if (!session) return undefined
    const account = await accounts.byId(session.user_id)
    if (!account) throw new Problem('SESSION_EXPIRED')
    return {
      ...(await signedInAs(account, 'session', caller.ip, session.csrf)),
      only: leftWith[account.passwordIs],
    }
  }

  const signedInAs = async (
    account: Account,
    via: string,
    from: string,
    csrf: string | null,
  ): Promise<SignedIn> => {
    if (account.disabled) throw new Problem('USER_DISABLED')
    return { account, actor: await accounts.actorOf(account, via, from), csrf }
  }

  return {
    login: async ({ name, password }, { address, userAgent }) => {
      const account = await accounts.byName(name)
      if (!(await checkPassword(account, { name, password, address })) || !account) {
        await activity.record(stranger(name, address), { what: 'login.failed', subject: name })
        throw new Problem('LOGIN_WRONG')
      }
      // Said only to somebody who knows the password.
      if (account.disabled) {
        await activity.record(stranger(name, address), { what: 'login.refused', subject: name })
        throw new Problem('USER_DISABLED')
      }
      const token = randomBytes(32).toString('base64url')
      const csrf = randomBytes(32).toString('base64url')
      const now = clock.now()
      const { sessionHours } = await options.settings.read()
      await table.add(db, {
        id: hashOf(token),
        user_id: account.id,
        csrf,
        created_at: now,
        expires_at: now + sessionHours * HOUR_MS,
        last_seen_at: now,
        address,
        user_agent: userAgent.slice(0, 300),
      })
      await accounts.noteLogin(account.id)
      const signedIn = await signedInAs(account, 'session', address, csrf)
      await activity.record(signedIn.actor, { what: 'auth.login', subject: account.name })
      return { ...signedIn, token }
    },
    logout: async (actor, caller) => {
      const token = readSessionCookie(caller.headers.cookie, options)
      if (token === undefined) return
      await table.remove(db, hashOf(token))
      await activity.record(actor, { what: 'auth.logout', subject: actor.name })
    },
    changePassword: async (actor, caller, current, next) => {
      const account = actor.id === null ? undefined : await accounts.byId(actor.id)
      if (!account) throw new Problem('NOT_SIGNED_IN')
      const { name } = account
      if (!(await checkPassword(account, { name, password: current, address: caller.ip }))) {
        throw new Problem('LOGIN_WRONG')
      }
      const token = readSessionCookie(caller.headers.cookie, options)
      await accounts.changePassword(account, next, token && hashOf(token))
      await activity.record(actor, { what: 'auth.changePassword', subject: name })
    },
    signedIn: async (caller) => {
      const found = await identify(caller)
      if (!found) throw new Problem('NOT_SIGNED_IN')
      return found
    },
    authenticate: async (caller) => {
      const found = await identify(caller)
      return (
        found && {
          actor: found.actor,
          csrf: found.csrf,
          only: found.only,
        }
      )
    },
    removeExpired: () => table.removeExpired(db, clock.now()),
  }
}

const leftWith: Readonly<Record<Account['passwordIs'], Identity['only']>> = {
  own: undefined,
  given: 'password',
  printed: 'passwordOrToken',
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

/** Somebody who says to be `name`. */
const stranger = (name: string, from: string): Actor => ({
  id: null,
  name,
  role: 'viewer',
  permissions: permissionsOf('viewer'),
  grants: [],
  via: 'nobody',
  from,
})
