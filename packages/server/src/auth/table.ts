// Sessions as stored: the hash of what the browser holds.

import { type Db, insertRows, type SessionsTable } from '../db/index.ts'

export type SessionRow = SessionsTable

export const add = (db: Db, row: SessionRow): Promise<void> => insertRows(db, 'sessions', [row])

export const byId = (db: Db, id: string): Promise<SessionRow | undefined> =>
  db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst()

export const prolong = async (
  db: Db,
  id: string,
  times: Pick<SessionRow, 'last_seen_at' | 'expires_at'>,
): Promise<void> => {
  await db.updateTable('sessions').set(times).where('id', '=', id).execute()
}

export const remove = async (db: Db, id: string): Promise<void> => {
  await db.deleteFrom('sessions').where('id', '=', id).execute()
}

export const removeExpired = async (db: Db, now: number): Promise<void> => {
  await db.deleteFrom('sessions').where('expires_at', '<=', now).execute()
}
