// The controllers that are enrolled, as stored.

import { type ControllersTable, type Db, upsertRows } from '../db/index.ts'

export const all = (db: Db): Promise<ControllersTable[]> =>
  db.selectFrom('controllers').selectAll().orderBy('idc').orderBy('name').execute()

export const byName = (db: Db, name: string): Promise<ControllersTable | undefined> =>
  db.selectFrom('controllers').selectAll().where('name', '=', name).executeTakeFirst()

export const save = (db: Db, row: ControllersTable): Promise<void> =>
  upsertRows(db, 'controllers', ['name'], [row])

/** Public keys of those that may open what is sent to the IDC. */
export const sealKeysOf = async (db: Db, idc: string): Promise<string[]> => {
  const rows = await db
    .selectFrom('controllers')
    .select('seal_key')
    .where('idc', '=', idc)
    .where('revoked_at', 'is', null)
    .orderBy('name')
    .execute()
  return rows.map((row) => row.seal_key)
}
