// Clients of IDCs, and what their controllers were told, as stored.

import {
  type Db,
  type IdcBooksTable,
  type IdcClientsTable,
  insertRows,
  upsertRows,
} from '../db/index.ts'

export const clients = (db: Db): Promise<IdcClientsTable[]> =>
  db.selectFrom('idc_clients').selectAll().orderBy('idc').orderBy('client').execute()

export const clientOf = (
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

export const addClient = (db: Db, row: IdcClientsTable): Promise<void> =>
  insertRows(db, 'idc_clients', [row])

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
