// The controllers that are enrolled, as stored.

import { type ControllersTable, type Db, upsertRows } from '../db/index.ts'

export const all = (db: Db): Promise<ControllersTable[]> =>
  db.selectFrom('controllers').selectAll().orderBy('idc').orderBy('name').execute()

export const byName = (db: Db, name: string): Promise<ControllersTable | undefined> =>
  db.selectFrom('controllers').selectAll().where('name', '=', name).executeTakeFirst()

export const save = (db: Db, row: ControllersTable): Promise<void> =>
  upsertRows(db, 'controllers', ['name'], [row])

type Shown = Pick<
  ControllersTable,
  'generation' | 'cert_serial' | 'cert_fingerprint' | 'cert_ends_at'
>

/** Another certificate of the one that is enrolled. */
export const showed = async (db: Db, name: string, shown: Shown): Promise<void> => {
  await db.updateTable('controllers').set(shown).where('name', '=', name).execute()
}

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
