// The steps of a host within an action that has several: how each of them went.

import type { Kysely } from 'kysely'

const id = 'varchar(64)'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('host_steps')
    .ifNotExists()
    .addColumn('run_id', id, (c) => c.notNull())
    .addColumn('host_id', id, (c) => c.notNull())
    .addColumn('attempt', 'integer', (c) => c.notNull())
    .addColumn('step', 'integer', (c) => c.notNull())
    .addColumn('name', 'varchar(200)', (c) => c.notNull())
    .addColumn('state', 'varchar(20)', (c) => c.notNull())
    .addColumn('exit', 'integer')
    .addColumn('changed', 'integer')
    .addColumn('duration_ms', 'real')
    .addPrimaryKeyConstraint('host_steps_pk', ['run_id', 'host_id', 'attempt', 'step'])
    .execute()
}
