// Who was denied stays so, also where the register of the CA would allow him again.

import type { Kysely } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema.alterTable('idc_clients').addColumn('denied_at', 'bigint').execute()
}
