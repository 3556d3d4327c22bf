// The controllers that are enrolled: to whom slices may be sealed.

import type { Kysely } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('controllers')
    .ifNotExists()
    .addColumn('name', 'varchar(63)', (c) => c.primaryKey())
    .addColumn('idc', 'varchar(63)', (c) => c.notNull())
    .addColumn('seal_key', 'varchar(64)', (c) => c.notNull())
    .addColumn('enrolled_at', 'bigint', (c) => c.notNull())
    .addColumn('enrolled_by', 'varchar(100)', (c) => c.notNull())
    .addColumn('revoked_at', 'bigint')
    .addColumn('revoked_by', 'varchar(100)')
    .execute()
}
