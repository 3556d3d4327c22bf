// Steps of hosts as stored: one row for each that was reported. Runs without steps have none and ask for none.

import { sql } from 'kysely'
import { type Db, type HostStepsTable, upsertRows } from '../db/index.ts'

const keys = ['run_id', 'host_id', 'attempt', 'step'] as const

/** A step that was reported twice is one row. */
export const storeSteps = (db: Db, rows: readonly HostStepsTable[]): Promise<void> =>
  upsertRows(db, 'host_steps', keys, rows)

/** Of several hosts, all attempts, each host's in order; at most 2,000 hosts a call. */
export const stepsOfHosts = (
  db: Db,
  runId: string,
  hostIds: readonly string[],
): Promise<HostStepsTable[]> =>
  db
    .selectFrom('host_steps')
    .selectAll()
    .where('run_id', '=', runId)
    .where('host_id', 'in', [...hostIds])
    .orderBy('host_id')
    .orderBy('attempt')
    .orderBy('step')
    .execute()

/** Of one attempt, what was reported after a place. */
export const stepsOfHost = (
  db: Db,
  key: { readonly runId: string; readonly hostId: string; readonly attempt: number },
  after: number,
  limit: number,
): Promise<HostStepsTable[]> =>
  db
    .selectFrom('host_steps')
    .selectAll()
    .where('run_id', '=', key.runId)
    .where('host_id', '=', key.hostId)
    .where('attempt', '=', key.attempt)
    .where('step', '>', after)
    .orderBy('step')
    .limit(limit)
    .execute()

export interface TaskCount {
  readonly index: number
  readonly name: string
  readonly failed: number
  readonly changed: number
}

const index = sql<number>`coalesce(host_steps.position, host_steps.step)`

/** Tasks that changed or failed on some host, and on how many. */
export const countTasks = async (db: Db, runId: string, limit: number): Promise<TaskCount[]> => {
  const rows = await db
    .selectFrom('host_steps')
    .select([
      index.as('index_of'),
      'name',
      sql<number>`count(distinct case when state = 'failed' then host_id end)`.as('failed'),
      sql<number>`count(distinct case when changed = 1 then host_id end)`.as('changed_hosts'),
    ])
    .where('run_id', '=', runId)
    .where((e) => e.or([e('state', '=', 'failed'), e('changed', '=', 1)]))
    .groupBy([index, 'name'])
    .orderBy('index_of')
    .orderBy('name')
    .limit(limit)
    .execute()
  return rows.map(({ index_of, name, failed, changed_hosts }) => ({
    index: Number(index_of),
    name,
    failed: Number(failed),
    changed: Number(changed_hosts),
  }))
}

export interface TaskFailure {
  readonly index: number
  readonly name: string
  readonly hostId: string
  readonly host: string
  readonly item: string | null
  readonly message: string | null
}

/** Failures of these tasks with the names of their hosts, in the order of the hosts. */
export const failuresOf = async (
  db: Db,
  runId: string,
  indices: readonly number[],
  limit: number,
): Promise<TaskFailure[]> => {
  if (indices.length === 0) return []
  const rows = await db
    .selectFrom('host_steps')
    .innerJoin('host_results', (join) =>
      join
        .onRef('host_results.run_id', '=', 'host_steps.run_id')
        .onRef('host_results.host_id', '=', 'host_steps.host_id')
        .onRef('host_results.attempt', '=', 'host_steps.attempt'),
    )
    .select([
      index.as('index_of'),
      'host_steps.name',
      'host_steps.host_id',
      'host_results.name as host',
      'host_steps.item',
      'host_steps.message',
    ])
    .where('host_steps.run_id', '=', runId)
    .where('host_steps.state', '=', 'failed')
    .where(index, 'in', [...indices])
    .orderBy('host_results.position')
    .orderBy('host_steps.step')
    .limit(limit)
    .execute()
  return rows.map(({ index_of, name, host_id, host, item, message }) => ({
    index: Number(index_of),
    name,
    hostId: host_id,
    host,
    item,
    message,
  }))
}

/** Removes the steps of the next hosts, `limit` rows or a few more; resolves to how many there were. */
export const removeSteps = async (db: Db, runId: string, limit: number): Promise<number> => {
  const found = await db
    .selectFrom('host_steps')
    .select('host_id')
    .where('run_id', '=', runId)
    .orderBy('host_id')
    .limit(limit)
    .execute()
  const last = found.at(-1)
  if (last === undefined) return 0
  await db
    .deleteFrom('host_steps')
    .where('run_id', '=', runId)
    .where('host_id', '<=', last.host_id)
    .execute()
  return found.length
}
