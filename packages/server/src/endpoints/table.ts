// Endpoints of drivers as stored. Their secrets are a sealed blob that only the service opens.

import type { Db, DriverEndpointsTable } from '../db/index.ts'

export type EndpointRow = DriverEndpointsTable

export const readAll = (db: Db): Promise<EndpointRow[]> =>
  db.selectFrom('driver_endpoints').selectAll().orderBy('name').execute()

export const readById = (db: Db, id: string): Promise<EndpointRow | undefined> =>
  db.selectFrom('driver_endpoints').selectAll().where('id', '=', id).executeTakeFirst()

export const insert = async (db: Db, row: EndpointRow): Promise<void> => {
  await db.insertInto('driver_endpoints').values(row).execute()
}

export const remove = async (db: Db, id: string): Promise<void> => {
  await db.deleteFrom('driver_endpoints').where('id', '=', id).execute()
}
