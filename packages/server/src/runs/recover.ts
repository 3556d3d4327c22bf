// After a start: what the last process left behind. Hosts it had started end `lost`, for nobody knows how far they
// got; hosts it had not started are offered again; what has ended stays as it is. Nothing runs twice.

import type { Db } from '../db/index.ts'
import type { Services } from '../services.ts'
import { ActiveRun } from './active-run.ts'
import type { HostRow } from './host-row.ts'
import { nextTurn } from './next-turn.ts'
import { keptBytes } from './outputs-table.ts'
import { removeRun } from './remove-run.ts'
import { pageOfHosts } from './results-table.ts'
import { type RunRecord, recordOf } from './run-record.ts'
import type { RunsUnderWay } from './runs-under-way.ts'
import { Stage } from './stage.ts'
import { endSlices, idsOfHalfStored, runsUnderWay } from './table.ts'

const CHUNK = 1_000

/** Before anything is offered, and before a controller is there. */
export const recover = async (services: Services, underWay: RunsUnderWay): Promise<void> => {
  const { db, log, clock } = services
  for (const id of await idsOfHalfStored(db)) {
    log.warn({ run: id }, 'a run that was never stored whole has been removed')
    await removeRun(db, id)
  }
  for (const row of await runsUnderWay(db)) {
    await endSlices(db, row.id, clock.now())
    const active = await loadRun(db, recordOf(row))
    const lost = await loseRunning(services, underWay, active)
    const { queued } = active.tally.counts
    log.warn({ run: row.id, lost, queued }, 'a run has been taken up again')
    underWay.begin(active)
  }
}

const loadRun = async (db: Db, run: RunRecord): Promise<ActiveRun> => {
  const rows: HostRow[] = []
  for (;;) {
    const page = await pageOfHosts(
      db,
      run.id,
      { lastAttempt: true },
      { limit: CHUNK, after: rows.at(-1) },
    )
    // What was offered is not any more: the queue was in memory.
    rows.push(...page.map((row) => (row.state === 'queued' ? { ...row, slice_id: null } : row)))
    if (page.length < CHUNK) break
    await nextTurn()
  }
  return new ActiveRun(run, rows)
}

const loseRunning = async (
  services: Services,
  underWay: RunsUnderWay,
  active: ActiveRun,
): Promise<number> => {
  const running = active.hosts.filter(({ state }) => state === 'running')
  for (let from = 0; from < running.length; from += CHUNK) {
    const chunk = running.slice(from, from + CHUNK)
    const kept = new Map<number, number>()
    for (const { run_id, host_id, attempt, position } of chunk) {
      kept.set(position, await keptBytes(services.db, { runId: run_id, hostId: host_id, attempt }))
    }
    await underWay.ledger.exclusive(async () => {
      const stage = new Stage(active)
      const at = services.clock.now()
      for (const { position, fence } of chunk) {
        stage.end(
          position,
          fence,
          { state: 'lost', reason: 'controllerLost', leftRunning: 'unknown' },
          { at, outputBytes: kept.get(position) },
        )
      }
      if (stage.tally.failures > active.failuresAllowed) stage.stopReason ??= 'threshold'
      await underWay.ledger.commit([stage])
    })
    await nextTurn()
  }
  return running.length
}
