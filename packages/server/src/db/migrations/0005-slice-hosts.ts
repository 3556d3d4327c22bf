// Which hosts of its run are in a slice: an engine between machines still has the slice after a restart.

import type { Kysely } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .alterTable('slices')
    .addColumn('positions', 'varchar(2000)', (c) => c.notNull().defaultTo(''))
    .execute()
}
