// Archives of projects as stored: in pieces that every database takes, where all servers of an installation find them.

import type { Db } from '../db/index.ts'

const PART_BYTES = 512 * 1024

export interface ArchiveToStore {
  readonly hash: string
  readonly bytes: Uint8Array
  readonly at: number
}

/** One that is there already is only marked as used. */
export const storeArchive = (db: Db, { hash, bytes, at }: ArchiveToStore): Promise<void> =>
  db.transaction().execute(async (trx) => {
    if (await markUsed(trx, hash, at)) return
    await trx
      .insertInto('project_archives')
      .values({ hash, bytes: bytes.length, made_at: at, used_at: at })
      .execute()
    for (let from = 0; from < bytes.length; from += PART_BYTES) {
      const part = from / PART_BYTES
      const piece = Buffer.from(bytes.subarray(from, from + PART_BYTES))
      await trx.insertInto('project_archive_parts').values({ hash, part, bytes: piece }).execute()
    }
  })

/** False: there is no such archive. */
export const markUsed = async (db: Db, hash: string, at: number): Promise<boolean> => {
  const row = await db
    .selectFrom('project_archives')
    .select('hash')
    .where('hash', '=', hash)
    .executeTakeFirst()
  if (!row) return false
  await db.updateTable('project_archives').set({ used_at: at }).where('hash', '=', hash).execute()
  return true
}

export const readArchive = async (db: Db, hash: string): Promise<Uint8Array | undefined> => {
  const parts = await db
    .selectFrom('project_archive_parts')
    .select('bytes')
    .where('hash', '=', hash)
    .orderBy('part')
    .execute()
  return parts.length === 0 ? undefined : Buffer.concat(parts.map(({ bytes }) => bytes))
}

/** What nobody has used since; resolves to how many went. */
export const removeUnused = async (db: Db, before: number): Promise<number> => {
  const rows = await db
    .selectFrom('project_archives')
    .select('hash')
    .where('used_at', '<', before)
    .execute()
  for (const { hash } of rows) {
    await db.transaction().execute(async (trx) => {
      await trx.deleteFrom('project_archive_parts').where('hash', '=', hash).execute()
      await trx.deleteFrom('project_archives').where('hash', '=', hash).execute()
    })
  }
  return rows.length
}
