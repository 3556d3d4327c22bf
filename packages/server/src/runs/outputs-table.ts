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

const end = sql<number>`${sql.ref('offset')} + length(${sql.ref('bytes')})`

/** Chunks that hold bytes at `from` or later, in order. */
export const chunksOfHost = (
  db: Db,
  key: OutputKey,
  from: number,
  limit: number,
): Promise<OutputsTable[]> =>
  ofHost(db, key)
    .selectAll()
    .where(sql<boolean>`${end} > ${from}`)
    .orderBy('offset')
    .limit(limit)
    .execute()

/** Bytes kept of a host's output. */
export const keptBytes = async (db: Db, key: OutputKey): Promise<number> => {
  const row = await ofHost(db, key)
    .select(sql<number>`coalesce(max(${end}), 0)`.as('kept'))
    .executeTakeFirst()
  return Number(row?.kept ?? 0)
}

const ofHost = (db: Db, key: OutputKey) =>
  db
    .selectFrom('outputs')
    .where('run_id', '=', key.runId)
    .where('host_id', '=', key.hostId)
    .where('attempt', '=', key.attempt)

/** First chunks of several hosts, all attempts, which is the whole output where it is short. */
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

/** Removes up to `limit` chunks; resolves to how many there were. */
export const removeOutputs = async (db: Db, runId: string, limit: number): Promise<number> => {
  const keys = await db
    .selectFrom('outputs')
    .select(['host_id', 'attempt', 'offset'])
    .where('run_id', '=', runId)
    .orderBy('host_id')
    .orderBy('attempt')
    .orderBy('offset')
    .limit(limit)
    .execute()
  const last = keys.at(-1)
  if (last === undefined) return 0
  await db
    .deleteFrom('outputs')
    .where('run_id', '=', runId)
    .where((e) =>
      e.or([
        e('host_id', '<', last.host_id),
        e.and([e('host_id', '=', last.host_id), e('attempt', '<', last.attempt)]),
        e.and([
          e('host_id', '=', last.host_id),
          e('attempt', '=', last.attempt),
          e('offset', '<=', last.offset),
        ]),
      ]),
    )
    .execute()
  return keys.length
}
