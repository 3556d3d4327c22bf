// Work of trust as stored.

import type { Db, TrustWorkTable } from '../db/index.ts'
import { type TrustWork, type WorkPlan, workStages } from './trust-work.ts'

/** The oldest first. */
export const unfinishedWork = async (db: Db): Promise<readonly TrustWork[]> =>
  (await db.selectFrom('trust_work').selectAll().orderBy('created_at').orderBy('id').execute()).map(
    workOf,
  )

export const insertWork = async (db: Db, work: TrustWork, at: number): Promise<void> => {
  await db
    .insertInto('trust_work')
    .values({ id: work.id, created_at: at, plan: JSON.stringify(work.plan), ...placeOf(work) })
    .execute()
}

export const updateWork = async (db: Db, work: TrustWork): Promise<void> => {
  await db.updateTable('trust_work').set(placeOf(work)).where('id', '=', work.id).execute()
}

export const removeWork = async (db: Db, id: string): Promise<void> => {
  await db.deleteFrom('trust_work').where('id', '=', id).execute()
}

const placeOf = (work: TrustWork) => ({
  stage: work.stage,
  verify_runs: JSON.stringify(work.verifyRuns),
  remove_runs: JSON.stringify(work.removeRuns),
})

const workOf = (row: TrustWorkTable): TrustWork => {
  const stage = workStages.find((known) => known === row.stage)
  if (stage === undefined)
    throw new Error(`trust work ${row.id} is at no known stage: ${row.stage}`)
  return {
    id: row.id,
    stage,
    plan: JSON.parse(row.plan) as WorkPlan,
    verifyRuns: JSON.parse(row.verify_runs) as string[],
    removeRuns: JSON.parse(row.remove_runs) as string[],
  }
}
