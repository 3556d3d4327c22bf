// After a start: what the last process left behind. Hosts it had started end `lost`, for nobody knows how far they
// got, unless their commands go on by themselves: those are attached to again. Hosts it had not started are offered
// again; what has ended stays as it is. Nothing runs twice.

import { isEnd } from '@omserver/core'
import type { Db } from '../db/index.ts'
import type { Services } from '../services.ts'
import { ActiveRun } from './active-run.ts'
import { goesOn } from './detached-hosts.ts'
import type { HostRow } from './host-row.ts'
import { nextTurn } from './next-turn.ts'
import { keptBytes } from './outputs-table.ts'
import { readPositions } from './positions.ts'
import { removeRun } from './remove-run.ts'
import { pageOfHosts } from './results-table.ts'
import { type RunRecord, recordOf } from './run-record.ts'
import type { RunsUnderWay } from './runs-under-way.ts'
import { Stage } from './stage.ts'
import { endSlices, idsOfHalfStored, openSlices, runsUnderWay } from './table.ts'

const CHUNK = 1_000

/** Before anything is offered, and before a controller is there. */
export const recover = async (services: Services, underWay: RunsUnderWay): Promise<void> => {
  const { db, log, clock, engine } = services
  for (const id of await idsOfHalfStored(db)) {
    log.warn({ run: id }, 'a run that was never stored whole has been removed')
    await removeRun(db, id)
  }
  for (const row of await runsUnderWay(db)) {
    if (engine.log.keptBy === 'store') {
      underWay.begin(await loadWithSlices(db, recordOf(row)))
      continue
    }
    await endSlices(db, row.id, clock.now())
    const active = await loadRun(db, recordOf(row))
    const lost = await loseRunning(services, underWay, active)
    const resumed = await keepDetached(db, active)
    const { queued } = active.tally.counts
    log.warn({ run: row.id, lost, resumed, queued }, 'a run has been taken up again')
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
    const free = (row: HostRow): boolean => row.state === 'queued' || goesOn(run, row)
    rows.push(...page.map((row) => (free(row) ? { ...row, slice_id: null } : row)))
    if (page.length < CHUNK) break
    await nextTurn()
  }
  return new ActiveRun(run, rows)
}

/**
 * An engine that outlives the server still has what was offered, and what became of it: hosts stay in their slices,
 * and whoever carries them out need not notice that nobody listened for a while.
 */
const loadWithSlices = async (db: Db, run: RunRecord): Promise<ActiveRun> => {
  const active = await loadRun(db, run)
  const slices = await openSlices(db, run.id)
  for (const { id, attempt, positions } of slices) {
    for (const position of readPositions(positions)) {
      const host = active.hosts[position]
      // A later attempt of the host is in another slice.
      if (!host || isEnd(host.state) || host.attempt !== attempt) continue
      active.hosts[position] = { ...host, slice_id: id }
    }
  }
  const remaining = new Map<string, number>()
  for (const { slice_id, state } of active.hosts) {
    if (slice_id !== null && !isEnd(state))
      remaining.set(slice_id, (remaining.get(slice_id) ?? 0) + 1)
  }
  for (const row of slices) {
    const { id, idc, concurrency, fence, hosts } = row
    const left = remaining.get(id)
    if (left === undefined) continue
    // Where its first claim lies is not stored: the log is kept from its beginning.
    const since = Math.min(fence, 1)
    active.slices.set(id, { id, idc, concurrency, fence, since, hosts, remaining: left })
    active.toOfferAgain.set(id, row)
  }
  for (const { host_id, attempt, position, state } of active.hosts) {
    if (state !== 'running') continue
    const key = { runId: run.id, hostId: host_id, attempt }
    active.kept.set(position, await keptBytes(db, key))
  }
  return active
}

/** They run on, and keep what they have said: it is not stored twice. */
const keepDetached = async (db: Db, active: ActiveRun): Promise<number> => {
  const running = active.hosts.filter((row) => goesOn(active.run, row))
  for (const { run_id, host_id, attempt, position } of running) {
    const kept = await keptBytes(db, { runId: run_id, hostId: host_id, attempt })
    active.kept.set(position, kept)
  }
  return running.length
}

const loseRunning = async (
  services: Services,
  underWay: RunsUnderWay,
  active: ActiveRun,
): Promise<number> => {
  const running = active.hosts.filter((row) => row.state === 'running' && !goesOn(active.run, row))
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
