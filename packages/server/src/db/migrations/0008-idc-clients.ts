// Clients that may begin runs in an IDC without the server, what its controllers were told, and runs begun so.

import type { Kysely } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('idc_clients')
    .ifNotExists()
    .addColumn('idc', 'varchar(63)', (c) => c.notNull())
    .addColumn('client', 'varchar(63)', (c) => c.notNull())
    .addColumn('user_id', 'varchar(64)', (c) => c.notNull())
    .addColumn('allowed_at', 'bigint', (c) => c.notNull())
    .addColumn('allowed_by', 'varchar(100)', (c) => c.notNull())
    .addPrimaryKeyConstraint('idc_clients_pk', ['idc', 'client'])
    .execute()
  await db.schema
    .createTable('idc_books')
    .ifNotExists()
    .addColumn('idc', 'varchar(63)', (c) => c.primaryKey())
    .addColumn('number', 'bigint', (c) => c.notNull())
    .addColumn('revision', 'varchar(64)', (c) => c.notNull())
    .addColumn('epoch', 'varchar(64)', (c) => c.notNull())
    .addColumn('pieces', 'integer', (c) => c.notNull())
    .addColumn('hosts', 'integer', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('written_at', 'bigint', (c) => c.notNull())
    .addColumn('until', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema.alterTable('runs').addColumn('begun', 'text').execute()
}
