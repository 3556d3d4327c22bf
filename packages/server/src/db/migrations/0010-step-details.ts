// What tasks and states tell besides how they ended: of which item, what they changed, what the tool said.

import type { Kysely } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  // `step` is the key, and is from here on the order of report: the items of a task share their position.
  await db.schema.alterTable('host_steps').addColumn('position', 'integer').execute()
  await db.schema.alterTable('host_steps').addColumn('item', 'text').execute()
  await db.schema.alterTable('host_steps').addColumn('diff', 'text').execute()
  await db.schema.alterTable('host_steps').addColumn('message', 'text').execute()
}
