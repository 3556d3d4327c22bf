// Output as stored: one row per host where it is short, else chunks.

import { sql } from 'kysely'
import { type Db, insertRows, type OutputsTable, updateRows } from '../db/index.ts'

const keys = ['run_id', 'host_id', 'attempt', 'offset'] as const

export const insertOutputs = (db: Db, rows: readonly OutputsTable[]): Promise<void> =>
  insertRows(db, 'outputs', rows)

/** The last chunk of a host has grown. */
export const rewriteOutputs = (db: Db, rows: readonly OutputsTable[]): Promise<void> =>
  updateRows(db, 'outputs', keys, rows)

export interface OutputKey {
  readonly runId: string
  readonly hostId: string
  readonly attempt: number
}

/** Chunks that hold bytes at `from` or later, in order. */
export const chunksOfHost = (
  db: Db,
  key: OutputKey,
  from: number,
  limit: number,
): Promise<OutputsTable[]> =>
  ofHost(db, key)
    .selectAll()
    .where(sql<boolean>`"offset" + length(bytes) > ${from}`)
    .orderBy('offset')
    .limit(limit)
    .execute()

/** Bytes kept of a host's output. */
export const keptBytes = async (db: Db, key: OutputKey): Promise<number> => {
  const row = await ofHost(db, key)
    .select(sql<number>`coalesce(max("offset" + length(bytes)), 0)`.as('kept'))
    .executeTakeFirst()
  return Number(row?.kept ?? 0)
}

const ofHost = (db: Db, key: OutputKey) =>
  db
    .selectFrom('outputs')
    .where('run_id', '=', key.runId)
    .where('host_id', '=', key.hostId)
    .where('attempt', '=', key.attempt)

/** First chunks of several hosts, which is the whole output where it is short. At most 2,000 hosts a call. */
export const firstChunks = (
  db: Db,
  runId: string,
  hostIds: readonly string[],
): Promise<OutputsTable[]> =>
  db
    .selectFrom('outputs')
    .selectAll()
    .where('run_id', '=', runId)
    .where('host_id', 'in', [...hostIds])
    .where('offset', '=', 0)
    .execute()

/** Sizes of a run's chunks are bounded, so pages of a few are bounded too. */
export const removeOutputs = async (db: Db, runId: string, limit: number): Promise<number> => {
  const result = await db
    .deleteFrom('outputs')
    .where('run_id', '=', runId)
    .where('host_id', 'in', (e) =>
      e
        .selectFrom('outputs as o')
        .select('o.host_id')
        .where('o.run_id', '=', runId)
        .orderBy('o.host_id')
        .limit(limit),
    )
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}
