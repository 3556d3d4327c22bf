// Steps of hosts as stored: one row for each step that was reached. Runs without steps have none and ask for none.

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
