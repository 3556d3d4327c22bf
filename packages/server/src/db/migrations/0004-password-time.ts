// When the present password of each user was set.

import type { Kysely } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .alterTable('users')
    .addColumn('password_set_at', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute()
}
