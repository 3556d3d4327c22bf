// Files as stored: versions of names, and their content in pieces.

import { type Db, type FileContentsTable, type FileVersionsTable, insertRows } from '../db/index.ts'

export type Content = Omit<FileContentsTable, 'hash'> & { readonly hash: string }

/** A version with what it holds. */
export interface VersionRow extends FileVersionsTable {
  readonly hash: string
  readonly size: number
  readonly pieces: number
}

const versions = (db: Db) =>
  db
    .selectFrom('file_versions')
    .innerJoin('file_contents', 'file_contents.id', 'file_versions.content_id')
    .select([
      'file_versions.name',
      'file_versions.version',
      'file_versions.content_id',
      'file_versions.kind',
      'file_versions.added_at',
      'file_versions.added_by',
      'file_contents.hash',
      'file_contents.size',
      'file_contents.pieces',
    ])
    .where('file_contents.hash', 'is not', null)

type Joined = Omit<VersionRow, 'hash'> & { readonly hash: string | null }

const whole = (rows: readonly Joined[]): VersionRow[] =>
  rows.flatMap((row) =>
    row.hash === null ? [] : [{ ...row, hash: row.hash, size: Number(row.size) }],
  )

/** By name, the newest version of each first. */
export const readVersions = async (db: Db): Promise<VersionRow[]> =>
  whole(
    await versions(db)
      .orderBy('file_versions.name')
      .orderBy('file_versions.version', 'desc')
      .execute(),
  )

/** Newest first. */
export const readVersionsOf = async (db: Db, name: string): Promise<VersionRow[]> =>
  whole(
    await versions(db)
      .where('file_versions.name', '=', name)
      .orderBy('file_versions.version', 'desc')
      .execute(),
  )

export const insertVersion = (db: Db, row: FileVersionsTable): Promise<void> =>
  insertRows(db, 'file_versions', [row])

/** Without `version`: all of them. */
export const removeVersions = async (db: Db, name: string, version?: number): Promise<void> => {
  let query = db.deleteFrom('file_versions').where('name', '=', name)
  if (version !== undefined) query = query.where('version', '=', version)
  await query.execute()
}

export const findContent = async (db: Db, hash: string): Promise<Content | undefined> => {
  const row = await db
    .selectFrom('file_contents')
    .selectAll()
    .where('hash', '=', hash)
    .limit(1)
    .executeTakeFirst()
  return row && { ...row, hash, size: Number(row.size) }
}

export const insertContent = (db: Db, row: FileContentsTable): Promise<void> =>
  insertRows(db, 'file_contents', [row])

export const completeContent = async (
  db: Db,
  id: string,
  whole: { readonly hash: string; readonly size: number; readonly pieces: number },
): Promise<void> => {
  await db.updateTable('file_contents').set(whole).where('id', '=', id).execute()
}

/** From here on nothing finds it; its pieces are removed afterwards, a few at a time. */
export const forgetContent = async (db: Db, id: string): Promise<void> => {
  await db.updateTable('file_contents').set({ hash: null }).where('id', '=', id).execute()
}

export const isReferredTo = async (db: Db, contentId: string): Promise<boolean> => {
  const row = await db
    .selectFrom('file_versions')
    .select('name')
    .where('content_id', '=', contentId)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Of uploads that were cut off, and of what was being removed when the server ended. */
export const idsOfForgotten = async (db: Db): Promise<string[]> => {
  const rows = await db.selectFrom('file_contents').select('id').where('hash', 'is', null).execute()
  return rows.map(({ id }) => id)
}

export const insertPieces = (
  db: Db,
  pieces: readonly {
    readonly content_id: string
    readonly position: number
    readonly bytes: Uint8Array
  }[],
): Promise<void> => insertRows(db, 'file_pieces', pieces)

export const readPiece = async (
  db: Db,
  contentId: string,
  position: number,
): Promise<Uint8Array | undefined> => {
  const row = await db
    .selectFrom('file_pieces')
    .select('bytes')
    .where('content_id', '=', contentId)
    .where('position', '=', position)
    .executeTakeFirst()
  return row?.bytes
}

/** Resolves to false when there are no more. */
export const removePieces = async (db: Db, contentId: string, from: number): Promise<boolean> => {
  const result = await db
    .deleteFrom('file_pieces')
    .where('content_id', '=', contentId)
    .where('position', '>=', from)
    .executeTakeFirst()
  return Number(result.numDeletedRows) > 0
}

export const lastPiece = async (db: Db, contentId: string): Promise<number | undefined> => {
  const row = await db
    .selectFrom('file_pieces')
    .select('position')
    .where('content_id', '=', contentId)
    .orderBy('position', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && Number(row.position)
}

export const removeContent = async (db: Db, id: string): Promise<void> => {
  await db.deleteFrom('file_contents').where('id', '=', id).execute()
}
