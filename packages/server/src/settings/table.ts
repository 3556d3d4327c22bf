// Settings as stored: one JSON value a name.

import type { Json } from '@omserver/core'
import { type Db, upsertRows } from '../db/index.ts'

export const readAll = async (db: Db): Promise<ReadonlyMap<string, Json>> => {
  const rows = await db.selectFrom('settings').selectAll().execute()
  return new Map(rows.map((row) => [row.name, JSON.parse(row.value) as Json]))
}

export const write = (db: Db, values: Readonly<Record<string, Json>>): Promise<void> =>
  upsertRows(
    db,
    'settings',
    ['name'],
    Object.entries(values).map(([name, value]) => ({ name, value: JSON.stringify(value) })),
  )
