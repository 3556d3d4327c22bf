// Credentials as stored. The secret itself is a sealed blob that only the service opens.

import type { CredentialsTable, Db } from '../db/index.ts'

export type CredentialRow = CredentialsTable

export const readAll = (db: Db): Promise<CredentialRow[]> =>
  db.selectFrom('credentials').selectAll().orderBy('name').execute()

export const readNames = (db: Db): Promise<{ id: string; name: string }[]> =>
  db.selectFrom('credentials').select(['id', 'name']).execute()

export const readById = (db: Db, id: string): Promise<CredentialRow | undefined> =>
  db.selectFrom('credentials').selectAll().where('id', '=', id).executeTakeFirst()

export const readByName = (db: Db, name: string): Promise<CredentialRow | undefined> =>
  db.selectFrom('credentials').selectAll().where('name', '=', name).executeTakeFirst()

export const insert = async (db: Db, row: CredentialRow): Promise<void> => {
  await db.insertInto('credentials').values(row).execute()
}

export const update = async (db: Db, { id, ...row }: CredentialRow): Promise<void> => {
  await db.updateTable('credentials').set(row).where('id', '=', id).execute()
}

export const remove = async (db: Db, id: string): Promise<void> => {
  await db.deleteFrom('credentials').where('id', '=', id).execute()
}

/** How many hosts use each credential. */
export const countHosts = async (db: Db): Promise<ReadonlyMap<string, number>> => {
  const rows = await db
    .selectFrom('hosts')
    .select((e) => ['credential_id', e.fn.countAll<number>().as('hosts')])
    .where('credential_id', 'is not', null)
    .groupBy('credential_id')
    .execute()
  return new Map(rows.map((row) => [row.credential_id ?? '', Number(row.hosts)]))
}

export const hostNames = async (db: Db, id: string, limit: number): Promise<string[]> => {
  const rows = await db
    .selectFrom('hosts')
    .select('name')
    .where('credential_id', '=', id)
    .orderBy('name')
    .limit(limit)
    .execute()
  return rows.map((row) => row.name)
}
