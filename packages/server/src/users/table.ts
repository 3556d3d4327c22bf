// Users and their grants as stored.

import { type Db, type GrantsTable, insertRows, type UsersTable } from '../db/index.ts'

export type UserRow = UsersTable
export type GrantRow = GrantsTable

export const all = (db: Db): Promise<UserRow[]> =>
  db.selectFrom('users').selectAll().orderBy('name').execute()

export const byId = (db: Db, id: string): Promise<UserRow | undefined> =>
  db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()

export const byName = (db: Db, name: string): Promise<UserRow | undefined> =>
  db.selectFrom('users').selectAll().where('name', '=', name).executeTakeFirst()

export const add = (db: Db, row: UserRow): Promise<void> => insertRows(db, 'users', [row])

export const change = async (db: Db, id: string, patch: Partial<UserRow>): Promise<void> => {
  if (Object.keys(patch).length === 0) return
  await db.updateTable('users').set(patch).where('id', '=', id).execute()
}

export const otherActiveAdmins = async (db: Db, id: string): Promise<number> => {
  const row = await db
    .selectFrom('users')
    .select((e) => e.fn.countAll<number>().as('n'))
    .where('role', '=', 'admin')
    .where('disabled', '=', 0)
    .where('id', '!=', id)
    .executeTakeFirstOrThrow()
  return Number(row.n)
}

/** Everything that lets the user in: what a disabled user and a new password take away. */
/** Who knows a password, as stored in `must_change_password`: all but one's own has to be replaced. */
export const passwordKinds = { own: 0, given: 1, printed: 2 } as const

export const endAccess = async (
  db: Db,
  userId: string,
  options: {
    readonly exceptSession?: string
    /** 0: every token. Absent: none. */
    readonly tokensSince?: number
  },
): Promise<void> => {
  let sessions = db.deleteFrom('sessions').where('user_id', '=', userId)
  if (options.exceptSession) sessions = sessions.where('id', '!=', options.exceptSession)
  await sessions.execute()
  if (options.tokensSince === undefined) return
  await db
    .deleteFrom('tokens')
    .where('user_id', '=', userId)
    .where('created_at', '>=', options.tokensSince)
    .execute()
}

export const remove = async (db: Db, id: string): Promise<void> => {
  await endAccess(db, id, { tokensSince: 0 })
  await db.deleteFrom('grants').where('user_id', '=', id).execute()
  await db.deleteFrom('team_members').where('user_id', '=', id).execute()
  await db.deleteFrom('users').where('id', '=', id).execute()
}

export type GrantOwner = { readonly userId: string } | { readonly teamId: string }

export const setGrants = async (
  db: Db,
  owner: GrantOwner,
  grants: readonly {
    readonly id: string
    readonly modules: readonly string[]
    readonly selector: string
  }[],
): Promise<void> => {
  const old = db.deleteFrom('grants')
  await ('userId' in owner
    ? old.where('user_id', '=', owner.userId)
    : old.where('team_id', '=', owner.teamId)
  ).execute()
  await insertRows(
    db,
    'grants',
    grants.map((grant) => ({
      id: grant.id,
      user_id: 'userId' in owner ? owner.userId : null,
      team_id: 'teamId' in owner ? owner.teamId : null,
      modules: JSON.stringify(grant.modules),
      selector: grant.selector,
    })),
  )
}

export const allGrants = (db: Db): Promise<GrantRow[]> =>
  db.selectFrom('grants').selectAll().orderBy('id').execute()

/** Own grants and those of the user's teams. */
export const grantsOf = (db: Db, userId: string): Promise<GrantRow[]> =>
  db
    .selectFrom('grants')
    .selectAll()
    .where((e) =>
      e.or([
        e('user_id', '=', userId),
        e(
          'team_id',
          'in',
          e.selectFrom('team_members').select('team_id').where('user_id', '=', userId),
        ),
      ]),
    )
    .orderBy('id')
    .execute()
