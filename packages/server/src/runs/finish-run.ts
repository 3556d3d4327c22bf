// Ends a run: counts its hosts as they are stored, in the transaction that ended the last of them, and says so in
// the activity log.

import { emptyCounts, type HostState, isEnd, runEndState } from '@omserver/core'
import { systemActor } from '../access/index.ts'
import type { Db } from '../db/index.ts'
import type { Services } from '../services.ts'
import { countStates, dropAllTargets, loseUnended, type StateCount } from './results-table.ts'
import type { RunRecord } from './run-record.ts'
import type { SealedStage } from './sealed-stage.ts'
import { removeSecrets, updateRun } from './table.ts'

/** Resolves to the run as it is now stored. */
export const finishRun = async (
  trx: Db,
  sealed: SealedStage,
  at: number,
  { log, activity }: Pick<Services, 'log' | 'activity'>,
): Promise<RunRecord> => {
  const { run, active } = sealed
  const retried = active.retried
  let stored = await countStates(trx, run.id, retried)
  if (!reconciles(stored, run.total)) {
    // Never seen, and never to be passed over in silence: a host without an end would keep a run open for ever.
    log.error({ run: run.id, stored, total: run.total }, 'the hosts of a run do not reconcile')
    await loseUnended(trx, run.id, at, run.rev)
    stored = await countStates(trx, run.id, retried)
  }
  const counts = emptyCounts()
  for (const { state, hosts } of stored) counts[state as HostState] = Number(hosts)
  const sum = (pick: (row: StateCount) => number): number =>
    stored.reduce((total, row) => total + Number(pick(row)), 0)
  const state = runEndState(counts, {
    aborted: run.stopReason === 'aborted',
    skippedForCheck: sum((row) => row.skippedForCheck),
  })
  const ended: RunRecord = {
    ...run,
    state,
    counts,
    changed: sum((row) => row.changed),
    startedAt: run.startedAt ?? at,
    endedAt: at,
    rev: run.rev + 1,
  }
  await updateRun(trx, run.id, {
    state,
    stop_reason: run.stopReason,
    counts: JSON.stringify(counts),
    changed: ended.changed,
    started_at: ended.startedAt,
    ended_at: at,
    output_bytes: ended.outputBytes,
    batch: ended.batch,
    rev: ended.rev,
  })
  await removeSecrets(trx, run.id)
  const entry = {
    what: 'run.ended',
    subject: `${run.module} ${run.id}`,
    after: { state, stopReason: run.stopReason, counts },
  }
  await activity.record(systemActor, entry, trx)
  if (sealed.stage.tally.retriable > 0) await dropAllTargets(trx, run.id)
  return ended
}

const reconciles = (stored: readonly StateCount[], total: number): boolean =>
  stored.every(({ state }) => isEnd(state as HostState)) &&
  stored.reduce((sum, { hosts }) => sum + Number(hosts), 0) === total
