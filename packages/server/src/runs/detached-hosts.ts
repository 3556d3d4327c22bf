// Hosts of a run whose commands go on by themselves: after a start they are not lost, but offered to be attached to.

import { canDetach, cutSlices, type DriverName, detachmentOf, type SlicePlan } from '@omserver/core'
import type { ActiveRun } from './active-run.ts'
import type { HostRow } from './host-row.ts'
import type { ReadTargets } from './offering.ts'
import type { RunRecord } from './run-record.ts'

export const isDetachedRun = (run: Pick<RunRecord, 'action' | 'strategy' | 'check'>): boolean =>
  detachmentOf(run.action, run.strategy, run.check).detached

/** Its command runs on, whoever began it. */
export const goesOn = (run: RunRecord, row: Pick<HostRow, 'driver' | 'state'>): boolean =>
  row.state === 'running' && canDetach(row.driver as DriverName) && isDetachedRun(run)

/** What runs on and is in no slice, cut into slices; each has all its places, for they are taken already. */
export const plansToResume = async (
  active: ActiveRun,
  readTargets: ReadTargets,
): Promise<readonly SlicePlan[]> => {
  const waiting = active.hosts.filter((row) => row.slice_id === null && goesOn(active.run, row))
  const plans: SlicePlan[] = []
  for (const [attempt, rows] of Map.groupBy(waiting, (row) => row.attempt)) {
    const targets = await readTargets(
      attempt,
      rows.map(({ position }) => position),
    )
    const hosts = targets.flatMap((target) => {
      const row = active.hosts[active.positionOf.get(target.hostId) ?? -1]
      return row ? [{ target, idc: row.idc, driver: row.driver as DriverName }] : []
    })
    const actionBytes = Buffer.byteLength(JSON.stringify(active.run.action))
    plans.push(...cutSlices({ hosts, concurrency: hosts.length, actionBytes }))
  }
  return plans
}
