// Files that runs collected from their hosts, as stored: what each is, and its bytes in pieces.

import { createHash } from 'node:crypto'
import type { HostFile } from '@omserver/core'
import {
  type Db,
  type FetchedFilesTable,
  type FetchedPiecesTable,
  upsertRows,
} from '../db/index.ts'

export interface FetchedRows {
  readonly files: readonly FetchedFilesTable[]
  readonly pieces: readonly FetchedPiecesTable[]
}

/** A path may be longer than a key. */
const keyOf = (path: string): string => createHash('sha256').update(path).digest('hex').slice(0, 32)

export const rowsOfFile = (
  runId: string,
  { hostId, attempt, path, offset, bytes, whole }: HostFile,
): FetchedRows => {
  const of = { run_id: runId, host_id: hostId, attempt, file: keyOf(path) }
  return {
    files: whole ? [{ ...of, path, size: whole.size, hash: whole.hash }] : [],
    pieces: bytes.length === 0 ? [] : [{ ...of, offset, bytes }],
  }
}

/** What comes twice is stored once. */
export const storeFetched = async (db: Db, rows: FetchedRows): Promise<void> => {
  const key = ['run_id', 'host_id', 'attempt', 'file'] as const
  if (rows.pieces.length > 0) {
    await upsertRows(db, 'fetched_pieces', [...key, 'offset'], rows.pieces)
  }
  if (rows.files.length > 0) await upsertRows(db, 'fetched_files', key, rows.files)
}

/** Whole files, by host. */
export const fetchedFiles = (db: Db, runId: string): Promise<FetchedFilesTable[]> =>
  db
    .selectFrom('fetched_files')
    .selectAll()
    .where('run_id', '=', runId)
    .orderBy('host_id')
    .orderBy('attempt')
    .execute()

/** The piece that begins at `offset`. */
export const fetchedPiece = async (
  db: Db,
  file: FetchedFilesTable,
  offset: number,
): Promise<Uint8Array | undefined> => {
  const row = await db
    .selectFrom('fetched_pieces')
    .select('bytes')
    .where('run_id', '=', file.run_id)
    .where('host_id', '=', file.host_id)
    .where('attempt', '=', file.attempt)
    .where('file', '=', file.file)
    .where('offset', '=', offset)
    .executeTakeFirst()
  return row?.bytes
}

/** Removes what one of its hosts gave; false: there is no more. */
export const removeFetched = async (db: Db, runId: string): Promise<boolean> => {
  const found = await db
    .selectFrom('fetched_pieces')
    .select(['host_id', 'attempt', 'file', 'offset'])
    .where('run_id', '=', runId)
    .orderBy('host_id')
    .orderBy('attempt')
    .orderBy('file')
    .orderBy('offset', 'desc')
    .limit(64)
    .execute()
  const [first] = found
  const last = found.findLast(
    (one) =>
      one.host_id === first?.host_id && one.attempt === first.attempt && one.file === first.file,
  )
  if (!first || !last) {
    await db.deleteFrom('fetched_files').where('run_id', '=', runId).execute()
    return false
  }
  await db
    .deleteFrom('fetched_pieces')
    .where('run_id', '=', runId)
    .where('host_id', '=', first.host_id)
    .where('attempt', '=', first.attempt)
    .where('file', '=', first.file)
    .where('offset', '>=', last.offset)
    .execute()
  return true
}
