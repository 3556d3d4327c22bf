// API tokens as stored: the hash only.

import { type Db, insertRows, type TokensTable } from '../db/index.ts'

export const add = (db: Db, row: TokensTable): Promise<void> => insertRows(db, 'tokens', [row])

/** Of one user, or of all. */
export const list = (db: Db, userId: string | undefined) => {
  let query = db
    .selectFrom('tokens')
    .innerJoin('users', 'users.id', 'tokens.user_id')
    .select([
      'tokens.id',
      'tokens.user_id',
      'tokens.name',
      'tokens.created_at',
      'tokens.expires_at',
      'tokens.last_used_at',
      'users.name as user_name',
    ])
    .orderBy('tokens.created_at', 'desc')
    .orderBy('tokens.id')
  if (userId !== undefined) query = query.where('tokens.user_id', '=', userId)
  return query.execute()
}

export const byHash = (db: Db, hash: string): Promise<TokensTable | undefined> =>
  db.selectFrom('tokens').selectAll().where('hash', '=', hash).executeTakeFirst()

export const noteUse = async (db: Db, id: string, at: number): Promise<void> => {
  await db.updateTable('tokens').set({ last_used_at: at }).where('id', '=', id).execute()
}

export const remove = async (db: Db, id: string): Promise<void> => {
  await db.deleteFrom('tokens').where('id', '=', id).execute()
}
