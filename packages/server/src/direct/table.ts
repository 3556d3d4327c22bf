// Clients of IDCs, and what their controllers were told, as stored.

import { type Db, type IdcBooksTable, type IdcClientsTable, upsertRows } from '../db/index.ts'

/** Those that may begin runs. */
export const clients = (db: Db): Promise<IdcClientsTable[]> =>
  db
    .selectFrom('idc_clients')
    .selectAll()
    .where('denied_at', 'is', null)
    .orderBy('idc')
    .orderBy('client')
    .execute()

export const clientOf = async (
  db: Db,
  idc: string,
  client: string,
): Promise<IdcClientsTable | undefined> => {
  const row = await everClientOf(db, idc, client)
  return row?.denied_at === null ? row : undefined
}

/** Also one that was denied since. */
export const everClientOf = (
  db: Db,
  idc: string,
  client: string,
): Promise<IdcClientsTable | undefined> =>
  db
    .selectFrom('idc_clients')
    .selectAll()
    .where('idc', '=', idc)
    .where('client', '=', client)
    .executeTakeFirst()

export const saveClient = (db: Db, row: IdcClientsTable): Promise<void> =>
  upsertRows(db, 'idc_clients', ['idc', 'client'], [row])

export const removeClient = async (db: Db, idc: string, client: string): Promise<void> => {
  await db.deleteFrom('idc_clients').where('idc', '=', idc).where('client', '=', client).execute()
}

export const books = (db: Db): Promise<IdcBooksTable[]> =>
  db.selectFrom('idc_books').selectAll().orderBy('idc').execute()

export const saveBook = (db: Db, row: IdcBooksTable): Promise<void> =>
  upsertRows(db, 'idc_books', ['idc'], [row])

export const removeBook = async (db: Db, idc: string): Promise<void> => {
  await db.deleteFrom('idc_books').where('idc', '=', idc).execute()
}
