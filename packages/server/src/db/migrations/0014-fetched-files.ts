// Files that runs collected from their hosts.

import type { Kysely } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('fetched_files')
    .ifNotExists()
    .addColumn('run_id', 'varchar(64)', (c) => c.notNull())
    .addColumn('host_id', 'varchar(64)', (c) => c.notNull())
    .addColumn('attempt', 'integer', (c) => c.notNull())
    .addColumn('file', 'varchar(32)', (c) => c.notNull())
    .addColumn('path', 'text', (c) => c.notNull())
    .addColumn('size', 'bigint', (c) => c.notNull())
    .addColumn('hash', 'varchar(64)', (c) => c.notNull())
    .addPrimaryKeyConstraint('fetched_files_pk', ['run_id', 'host_id', 'attempt', 'file'])
    .execute()
  await db.schema
    .createTable('fetched_pieces')
    .ifNotExists()
    .addColumn('run_id', 'varchar(64)', (c) => c.notNull())
    .addColumn('host_id', 'varchar(64)', (c) => c.notNull())
    .addColumn('attempt', 'integer', (c) => c.notNull())
    .addColumn('file', 'varchar(32)', (c) => c.notNull())
    .addColumn('offset', 'bigint', (c) => c.notNull())
    .addColumn('bytes', 'blob', (c) => c.notNull())
    .addPrimaryKeyConstraint('fetched_pieces_pk', [
      'run_id',
      'host_id',
      'attempt',
      'file',
      'offset',
    ])
    .execute()
}
