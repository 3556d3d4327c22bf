// The file library: names with versions, and content kept once, in pieces.

import type { Kysely } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('file_contents')
    .ifNotExists()
    .addColumn('id', 'varchar(64)', (c) => c.primaryKey())
    .addColumn('hash', 'varchar(64)')
    .addColumn('size', 'bigint', (c) => c.notNull())
    .addColumn('pieces', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('file_contents_hash').on('file_contents').column('hash').execute()
  await db.schema
    .createTable('file_pieces')
    .ifNotExists()
    .addColumn('content_id', 'varchar(64)', (c) => c.notNull())
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('bytes', 'blob', (c) => c.notNull())
    .addPrimaryKeyConstraint('file_pieces_pk', ['content_id', 'position'])
    .execute()
  await db.schema
    .createTable('file_versions')
    .ifNotExists()
    .addColumn('name', 'varchar(200)', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('content_id', 'varchar(64)', (c) => c.notNull())
    .addColumn('kind', 'varchar(20)', (c) => c.notNull())
    .addColumn('added_at', 'bigint', (c) => c.notNull())
    .addColumn('added_by', 'varchar(100)', (c) => c.notNull())
    .addPrimaryKeyConstraint('file_versions_pk', ['name', 'version'])
    .execute()
  await db.schema
    .createIndex('file_versions_content')
    .on('file_versions')
    .column('content_id')
    .execute()
}
