// The certificate that a controller has shown: who was enrolled by which, until when, and what stays revoked.

import type { Kysely } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema.alterTable('controllers').addColumn('generation', 'bigint').execute()
  await db.schema.alterTable('controllers').addColumn('cert_serial', 'varchar(64)').execute()
  await db.schema.alterTable('controllers').addColumn('cert_fingerprint', 'varchar(64)').execute()
  await db.schema.alterTable('controllers').addColumn('cert_ends_at', 'bigint').execute()
}
