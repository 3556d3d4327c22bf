// API tokens: shown once, kept as a hash, worth what their owner is worth at the time of use.

import { createHash, randomBytes } from 'node:crypto'
import type { BodyOf, TokenView, userRoutes } from '@omserver/api'
import { Problem } from '@omserver/core'
import type { Actor } from '../actor.ts'
import { ifWritable } from '../db/index.ts'
import type { Services } from '../services.ts'
import * as table from './token-table.ts'

export const TOKEN_PREFIX = 'om_'

export interface TokenService {
  list(actor: Actor): Promise<readonly TokenView[]>
  add(
    actor: Actor,
    input: BodyOf<(typeof userRoutes)['addToken']>,
  ): Promise<TokenView & { readonly token: string }>
  /** Own tokens; an administrator's reach is every token. */
  remove(actor: Actor, id: string): Promise<void>
  /** Whose token it is; notes the use. Throws Problem('TOKEN_BAD'). */
  owner(
    token: string,
  ): Promise<{ readonly userId: string; readonly name: string; readonly createdAt: number }>
}

const DAY_MS = 86_400_000
/** A token in steady use is written down once a minute, not at every request. */
const NOTE_EVERY_MS = 60_000

type Needs = Pick<Services, 'db' | 'clock' | 'newId' | 'activity'>

export const tokenService = ({ db, clock, newId, activity }: Needs): TokenService => {
  const list = async (actor: Actor): Promise<TokenView[]> => {
    const rows = await table.list(db, actor.role === 'admin' ? undefined : (actor.id ?? ''))
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      userId: row.user_id,
      userName: row.user_name,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      lastUsedAt: row.last_used_at,
    }))
  }
  return {
    list,
    add: async (actor, input) => {
      if (actor.id === null) throw new Problem('NOT_SIGNED_IN')
      const token = TOKEN_PREFIX + base62(randomBytes(32))
      const now = clock.now()
      const row = {
        id: newId(),
        user_id: actor.id,
        name: input.name,
        created_at: now,
        expires_at: input.expiresInDays === null ? null : now + input.expiresInDays * DAY_MS,
        last_used_at: null,
      }
      await table.add(db, { ...row, hash: hashOf(token) })
      await activity.record(actor, {
        what: 'tokens.add',
        subject: input.name,
        after: { expiresInDays: input.expiresInDays },
      })
      return {
        id: row.id,
        name: row.name,
        userId: row.user_id,
        userName: actor.name,
        createdAt: row.created_at,
        expiresAt: row.expires_at,
        lastUsedAt: null,
        token,
      }
    },
    remove: async (actor, id) => {
      const found = (await list(actor)).find((token) => token.id === id)
      if (!found) throw new Problem('TOKEN_UNKNOWN')
      await table.remove(db, id)
      await activity.record(actor, {
        what: 'tokens.remove',
        subject: found.name,
        before: { user: found.userName },
      })
    },
    owner: async (token) => {
      const row = await table.byHash(db, hashOf(token))
      const now = clock.now()
      if (!row || (row.expires_at !== null && row.expires_at <= now)) throw new Problem('TOKEN_BAD')
      if (row.last_used_at === null || now - row.last_used_at >= NOTE_EVERY_MS) {
        await ifWritable(table.noteUse(db, row.id, now))
      }
      return { userId: row.user_id, name: row.name, createdAt: row.created_at }
    },
  }
}

/** A token is random through and through: a fast hash is enough, no guessing gets anywhere. */
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

const base62 = (bytes: Uint8Array): string => {
  let rest = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  let text = ''
  while (text.length < 43) {
    text += digits[Number(rest % 62n)]
    rest /= 62n
  }
  return text
}
