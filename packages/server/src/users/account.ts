// Users as the sign-in needs them: the stored hash, the state, and who they act as.

import type { Grant, Role } from '@omserver/core'
import { permissionsOf } from '../access/index.ts'
import type { Actor } from '../actor.ts'
import type { Services } from '../services.ts'
import { hashPassword, oneTimePassword, requireStrong } from './password.ts'
import * as table from './table.ts'

export interface Account {
  readonly id: string
  readonly name: string
  readonly displayName: string
  readonly role: Role
  readonly passwordHash: string
  readonly mustChangePassword: boolean
  /** Their own, given to them by an administrator, or printed at the first start. */
  readonly passwordIs: keyof typeof table.passwordKinds
  readonly passwordSetAt: number
  readonly disabled: boolean
}

export interface Accounts {
  byName(name: string): Promise<Account | undefined>
  byId(id: string): Promise<Account | undefined>
  /** The account with its permissions and grants, own and of its teams. */
  actorOf(account: Account, via: string, from: string): Promise<Actor>
  noteLogin(id: string): Promise<void>
  /**
   * Ends every other session. Of an initial password, also the tokens made with it: others may have known it.
   * Throws Problem('PASSWORD_WEAK').
   */
  changePassword(account: Account, next: string, keepSession: string | undefined): Promise<void>
  /** See FirstAdmin. Throws Problem('PASSWORD_WEAK') of a given password that would count. */
  ensureAdmin(given: string | undefined): Promise<FirstAdmin | undefined>
}

/** The first user. `password` is there to be printed when it was made here; a given one is not repeated. */
export interface FirstAdmin {
  readonly name: string
  readonly password: string | undefined
}

const FIRST_NAME = 'admin'

export const accounts = (services: Pick<Services, 'db' | 'clock' | 'newId'>): Accounts => {
  const { db, clock, newId } = services
  return {
    byName: async (name) => accountOf(await table.byName(db, name)),
    byId: async (id) => accountOf(await table.byId(db, id)),
    actorOf: async (account, via, from) => ({
      id: account.id,
      name: account.name,
      role: account.role,
      permissions: permissionsOf(account.role),
      grants: (await table.grantsOf(db, account.id)).map(grantOf),
      via,
      from,
    }),
    noteLogin: (id) => table.change(db, id, { last_login_at: clock.now() }),
    changePassword: async (account, next, keepSession) => {
      requireStrong(next, account.name)
      const password_hash = await hashPassword(next)
      await db.transaction().execute(async (trx) => {
        const before = await table.byId(trx, account.id)
        await table.change(trx, account.id, {
          password_hash,
          must_change_password: table.passwordKinds.own,
          password_set_at: clock.now(),
        })
        await table.endAccess(trx, account.id, {
          exceptSession: keepSession,
          tokensSince:
            before && before.must_change_password !== table.passwordKinds.own
              ? before.password_set_at
              : undefined,
        })
      })
    },
    ensureAdmin: async (given) => {
      const users = await table.all(db)
      const [first, second] = users
      if (first) {
        // Nobody has ever signed in: a printed password may be lost, a given one may have been changed since.
        const unclaimed = second === undefined && first.last_login_at === null
        if (!unclaimed || (!given && first.must_change_password === table.passwordKinds.own))
          return undefined
      }
      if (given) requireStrong(given, first?.name ?? FIRST_NAME)
      const password = given || oneTimePassword()
      const secret = {
        password_hash: await hashPassword(password),
        must_change_password: table.passwordKinds[given ? 'own' : 'printed'],
        password_set_at: clock.now(),
      }
      if (first) await table.change(db, first.id, secret)
      else {
        await table.add(db, {
          id: newId(),
          name: FIRST_NAME,
          display_name: '',
          role: 'admin',
          disabled: 0,
          created_at: clock.now(),
          last_login_at: null,
          ...secret,
        })
      }
      return { name: first?.name ?? FIRST_NAME, password: given ? undefined : password }
    },
  }
}

const kindOf = (stored: number): Account['passwordIs'] =>
  stored === table.passwordKinds.own
    ? 'own'
    : stored === table.passwordKinds.printed
      ? 'printed'
      : 'given'

const accountOf = (row: table.UserRow | undefined): Account | undefined =>
  row && {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    role: row.role as Role,
    passwordHash: row.password_hash,
    mustChangePassword: row.must_change_password !== table.passwordKinds.own,
    passwordIs: kindOf(row.must_change_password),
    passwordSetAt: row.password_set_at,
    disabled: row.disabled === 1,
  }

export const grantOf = (row: table.GrantRow): Grant & { readonly modules: string[] } => ({
  id: row.id,
  modules: JSON.parse(row.modules) as string[],
  selector: row.selector,
})
