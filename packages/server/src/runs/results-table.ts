// Results of hosts as stored: one row per host and attempt.

import { sql } from 'kysely'
import { contains, type Db, type HostResultsTable, insertRows, updateRows } from '../db/index.ts'
import type { HostRow } from './host-row.ts'

const columns = [
  'run_id',
  'host_id',
  'attempt',
  'position',
  'name',
  'address',
  'idc',
  'driver',
  'batch',
  'slice_id',
  'fence',
  'state',
  'reason',
  'message',
  'exit',
  'changed',
  'left_running',
  'started_at',
  'ended_at',
  'duration_ms',
  'output_bytes',
  'truncated',
  'answer',
  'rev',
] as const

const keys = ['run_id', 'position', 'attempt'] as const

export const insertHosts = (db: Db, rows: readonly HostResultsTable[]): Promise<void> =>
  insertRows(db, 'host_results', rows)

/** A host that was started: nothing of its end yet. */
export const updateStarted = (db: Db, rows: readonly HostRow[]): Promise<void> =>
  updateRows(
    db,
    'host_results',
    keys,
    rows.map(({ run_id, position, attempt, slice_id, fence, state, started_at, rev }) => ({
      run_id,
      position,
      attempt,
      slice_id,
      fence,
      state,
      started_at,
      rev,
    })),
  )

/** A host that has ended. Its target goes with it, unless a further attempt will need it. */
export const updateEnded = (
  db: Db,
  rows: readonly HostRow[],
  options: { readonly keepTarget: boolean },
): Promise<void> =>
  updateRows(
    db,
    'host_results',
    keys,
    rows.map((row) => ({
      run_id: row.run_id,
      position: row.position,
      attempt: row.attempt,
      slice_id: row.slice_id,
      fence: row.fence,
      state: row.state,
      reason: row.reason,
      message: row.message,
      exit: row.exit,
      changed: row.changed,
      left_running: row.left_running,
      started_at: row.started_at,
      ended_at: row.ended_at,
      duration_ms: row.duration_ms,
      output_bytes: row.output_bytes,
      truncated: row.truncated,
      answer: row.answer,
      rev: row.rev,
      ...(options.keepTarget ? {} : { target: null }),
    })),
  )

/** Of attempts that a later one has replaced. */
export const dropTargets = (
  db: Db,
  rows: readonly (HostKey & { run_id: string })[],
): Promise<void> =>
  updateRows(
    db,
    'host_results',
    keys,
    rows.map(({ run_id, position, attempt }) => ({ run_id, position, attempt, target: null })),
  )

export const dropAllTargets = async (db: Db, runId: string): Promise<void> => {
  await db
    .updateTable('host_results')
    .set({ target: null })
    .where('run_id', '=', runId)
    .where('target', 'is not', null)
    .execute()
}

/** For a run whose rows and memory disagree: every host without an end gets this one. */
export const loseUnended = async (
  db: Db,
  runId: string,
  at: number,
  rev: number,
): Promise<void> => {
  await db
    .updateTable('host_results')
    .set({ state: 'lost', reason: 'controllerLost', ended_at: at, rev, target: null })
    .where('run_id', '=', runId)
    .where('state', 'in', ['queued', 'running'])
    .execute()
}

/** Targets of hosts in one attempt; at most 2,000 positions a call. */
export const readTargets = async (
  db: Db,
  runId: string,
  attempt: number,
  positions: readonly number[],
): Promise<{ position: number; target: string | null }[]> =>
  db
    .selectFrom('host_results')
    .select(['position', 'target'])
    .where('run_id', '=', runId)
    .where('attempt', '=', attempt)
    .where('position', 'in', [...positions])
    .execute()

export interface ResultFilter {
  readonly states?: readonly string[]
  readonly answer?: string
  /** Part of a name, an address or a message. */
  readonly text?: string
  /** Rows that a later attempt has replaced are left out. */
  readonly lastAttempt: boolean
}

/** By position and attempt, after the key given. */
export const pageOfHosts = async (
  db: Db,
  runId: string,
  filter: ResultFilter,
  page: { readonly limit: number; readonly after?: HostKey },
): Promise<HostRow[]> => {
  let query = db
    .selectFrom('host_results as r')
    .select(columns.map((column) => `r.${column}` as const))
    .where('r.run_id', '=', runId)
    .orderBy('r.position')
    .orderBy('r.attempt')
    .limit(page.limit)
  const { states, answer, text, lastAttempt } = filter
  if (states && states.length > 0) query = query.where('r.state', 'in', [...states])
  if (answer) query = query.where('r.answer', '=', answer)
  if (text) {
    query = query.where((e) =>
      e.or((['r.name', 'r.address', 'r.message'] as const).map((column) => contains(column, text))),
    )
  }
  if (lastAttempt) query = query.where(isLastAttempt)
  const { after } = page
  if (after) {
    query = query
      .where('r.position', '>=', after.position)
      .where((e) =>
        e.or([e('r.position', '>', after.position), e('r.attempt', '>', after.attempt)]),
      )
  }
  return (await query.execute()) as HostRow[]
}

export interface HostKey {
  readonly position: number
  readonly attempt: number
}

const isLastAttempt = sql<boolean>`not exists (
  select 1 from host_results n
  where n.run_id = r.run_id and n.position = r.position and n.attempt > r.attempt)`

/** Rows that have changed since, in the order in which they did. */
export const hostsChangedAfter = async (
  db: Db,
  runId: string,
  after: number,
  limit: number,
): Promise<HostRow[]> =>
  (await db
    .selectFrom('host_results')
    .select(columns)
    .where('run_id', '=', runId)
    .where('rev', '>', after)
    .orderBy('rev')
    .limit(limit)
    .execute()) as HostRow[]

/** All attempts of a host, the last first. */
export const attemptsOfHost = async (db: Db, runId: string, hostId: string): Promise<HostRow[]> =>
  (await db
    .selectFrom('host_results')
    .select(columns)
    .where('host_id', '=', hostId)
    .where('run_id', '=', runId)
    .orderBy('attempt', 'desc')
    .execute()) as HostRow[]

/** One host in several runs, each in its last attempt. */
export const hostInRuns = async (
  db: Db,
  hostId: string,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, HostRow>> => {
  const rows = (await db
    .selectFrom('host_results')
    .select(columns)
    .where('host_id', '=', hostId)
    .where('run_id', 'in', [...runIds])
    .orderBy('attempt')
    .execute()) as HostRow[]
  return new Map(rows.map((row) => [row.run_id, row]))
}

export interface StateCount {
  readonly state: string
  readonly changed: number
  readonly skippedForCheck: number
  readonly hosts: number
}

/** What a run's counts are made of: its hosts by state, each in its last attempt. */
export const countStates = (db: Db, runId: string, retried: boolean): Promise<StateCount[]> =>
  db
    .selectFrom('host_results as r')
    .select((e) => [
      'r.state',
      sql<number>`coalesce(sum(r.changed), 0)`.as('changed'),
      sql<number>`coalesce(sum(case when r.reason = 'noCheckSupport' then 1 else 0 end), 0)`.as(
        'skippedForCheck',
      ),
      e.fn.countAll<number>().as('hosts'),
    ])
    .where('r.run_id', '=', runId)
    .$if(retried, (query) => query.where(isLastAttempt))
    .groupBy('r.state')
    .execute()

/** Removes the hosts of the next `limit` positions; resolves to how many rows there were. */
export const removeHosts = async (db: Db, runId: string, limit: number): Promise<number> => {
  const first = await db
    .selectFrom('host_results')
    .select('position')
    .where('run_id', '=', runId)
    .orderBy('position')
    .limit(1)
    .executeTakeFirst()
  if (!first) return 0
  const result = await db
    .deleteFrom('host_results')
    .where('run_id', '=', runId)
    .where('position', '<', first.position + limit)
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}
