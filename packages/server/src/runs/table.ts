// Runs, their slices, secrets and cursors as stored.

import type { Updateable } from 'kysely'
import {
  contains,
  type Db,
  insertRows,
  type RunSecretsTable,
  type RunsTable,
  type SlicesTable,
  updateRows,
  upsertRows,
} from '../db/index.ts'
import { PREPARING } from './run-record.ts'

const underWay = ['queued', 'running', 'paused', 'awaitingApproval']
const ended = ['succeeded', 'failed', 'aborted']

export const insertRun = (db: Db, row: RunsTable): Promise<void> => insertRows(db, 'runs', [row])

export const findRun = (db: Db, id: string): Promise<RunsTable | undefined> =>
  db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst()

export const updateRun = async (
  db: Db,
  id: string,
  patch: Updateable<RunsTable>,
): Promise<void> => {
  await db.updateTable('runs').set(patch).where('id', '=', id).execute()
}

/** What changes while a run is under way. */
export const updateRuns = (
  db: Db,
  rows: readonly Pick<
    RunsTable,
    'id' | 'state' | 'stop_reason' | 'batch' | 'started_at' | 'changed' | 'output_bytes' | 'rev'
  >[],
): Promise<void> => updateRows(db, 'runs', ['id'], rows)

export const runsUnderWay = (db: Db): Promise<RunsTable[]> =>
  db.selectFrom('runs').selectAll().where('state', 'in', underWay).orderBy('created_at').execute()

export const idsOfHalfStored = async (db: Db): Promise<string[]> => {
  const rows = await db.selectFrom('runs').select('id').where('state', '=', PREPARING).execute()
  return rows.map(({ id }) => id)
}

/** The one parameter of a run that read the choices of a field; no parameter of a module can be called so. */
export const CHOICES = '(choices)'
const isChoices = `{"${CHOICES}":%`

export interface RunFilter {
  readonly module?: string
  readonly states?: readonly string[]
  readonly startedBy?: string
  readonly hostId?: string
  readonly text?: string
  /** Also those that only read the choices of a form field. */
  readonly choices?: boolean
  readonly since?: number
  readonly until?: number
}

/** Newest first; `before` is the key of the last row of the page before. */
export const pageOfRuns = (
  db: Db,
  filter: RunFilter,
  page: { readonly limit: number; readonly before?: { readonly at: number; readonly id: string } },
): Promise<RunsTable[]> => {
  let query = db
    .selectFrom('runs')
    .selectAll()
    .where('state', '!=', PREPARING)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit)
  const { module, states, startedBy, hostId, text, choices, since, until } = filter
  if (module) query = query.where('module', '=', module)
  if (states && states.length > 0) query = query.where('state', 'in', [...states])
  if (!choices) query = query.where('params', 'not like', isChoices)
  if (startedBy) query = query.where('started_by', '=', startedBy)
  if (since !== undefined) query = query.where('created_at', '>=', since)
  if (until !== undefined) query = query.where('created_at', '<', until)
  if (hostId) {
    query = query.where('id', 'in', (e) =>
      e.selectFrom('host_results').select('run_id').where('host_id', '=', hostId),
    )
  }
  if (text) {
    query = query.where((e) =>
      e.or(
        (['module', 'module_title', 'selector', 'note', 'started_by', 'params', 'id'] as const).map(
          (column) => contains(column, text),
        ),
      ),
    )
  }
  const { before } = page
  if (before) {
    query = query.where((e) =>
      e.or([
        e('created_at', '<', before.at),
        e.and([e('created_at', '=', before.at), e('id', '<', before.id)]),
      ]),
    )
  }
  return query.execute()
}

/** Durations of the last runs of a module that went to their end by themselves, ms, newest first. */
export const lastDurations = async (db: Db, module: string, limit: number): Promise<number[]> => {
  const rows = await db
    .selectFrom('runs')
    .select(['started_at', 'ended_at'])
    .where('module', '=', module)
    .where('params', 'not like', isChoices)
    .where('state', 'in', ['succeeded', 'failed'])
    .where('stop_reason', 'is', null)
    .where('started_at', 'is not', null)
    .orderBy('created_at', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ started_at, ended_at }) => (ended_at ?? 0) - (started_at ?? 0))
}

export const idsEndedBefore = async (db: Db, at: number, limit: number): Promise<string[]> => {
  const rows = await db
    .selectFrom('runs')
    .select('id')
    .where('state', 'in', ended)
    .where('ended_at', '<', at)
    .orderBy('created_at')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

/** The last of a run to go: hosts and outputs are removed piece by piece before. */
export const removeRunRow = (db: Db, id: string): Promise<void> =>
  db.transaction().execute(async (trx) => {
    await trx.deleteFrom('slices').where('run_id', '=', id).execute()
    await trx.deleteFrom('run_secrets').where('run_id', '=', id).execute()
    await trx.deleteFrom('runs').where('id', '=', id).execute()
  })

// Secrets

export const insertSecrets = (db: Db, rows: readonly RunSecretsTable[]): Promise<void> =>
  insertRows(db, 'run_secrets', rows)

export const findSecret = (
  db: Db,
  runId: string,
  name: string,
): Promise<{ sealed: Uint8Array } | undefined> =>
  db
    .selectFrom('run_secrets')
    .select('sealed')
    .where('run_id', '=', runId)
    .where('name', '=', name)
    .executeTakeFirst()

export const removeSecrets = async (db: Db, runId: string): Promise<void> => {
  await db.deleteFrom('run_secrets').where('run_id', '=', runId).execute()
}

// Slices

export const insertSlices = (db: Db, rows: readonly SlicesTable[]): Promise<void> =>
  insertRows(db, 'slices', rows)

export const updateSlices = (
  db: Db,
  rows: readonly Pick<SlicesTable, 'id' | 'fence' | 'ended_hosts' | 'ended_at'>[],
): Promise<void> => updateRows(db, 'slices', ['id'], rows)

export const openSlices = (db: Db, runId: string): Promise<SlicesTable[]> =>
  db
    .selectFrom('slices')
    .selectAll()
    .where('run_id', '=', runId)
    .where('ended_at', 'is', null)
    // As they were cut.
    .orderBy('id')
    .execute()

/** Slices whose hosts are in none any more, or have ended. */
export const closeSlices = (db: Db, ids: readonly string[], at: number): Promise<void> =>
  updateRows(
    db,
    'slices',
    ['id'],
    ids.map((id) => ({ id, ended_at: at })),
  )

/** After a restart nobody holds what was offered before it. */
export const endSlices = async (db: Db, runId: string, at: number): Promise<void> => {
  await db
    .updateTable('slices')
    .set({ ended_at: at })
    .where('run_id', '=', runId)
    .where('ended_at', 'is', null)
    .execute()
}

// Cursors

export const readCursor = (
  db: Db,
  idc: string,
): Promise<{ epoch: string; seq: number } | undefined> =>
  db.selectFrom('cursors').select(['epoch', 'seq']).where('idc', '=', idc).executeTakeFirst()

export const moveCursor = (
  db: Db,
  cursor: { readonly idc: string; readonly epoch: string; readonly seq: number },
): Promise<void> => upsertRows(db, 'cursors', ['idc'], [cursor])
