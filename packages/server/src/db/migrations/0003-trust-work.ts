// Establishing trust and rotating keys: how far each has come, so that a restart takes it up where it was.

import type { Kysely } from 'kysely'

const id = 'varchar(64)'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('trust_work')
    .ifNotExists()
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('stage', 'varchar(20)', (c) => c.notNull())
    .addColumn('plan', 'text', (c) => c.notNull())
    .addColumn('verify_runs', 'text', (c) => c.notNull())
    .addColumn('remove_runs', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute()
}
