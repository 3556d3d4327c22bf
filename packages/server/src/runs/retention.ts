// Removes runs that are older than the installation wants to keep.

import { systemActor } from '../access/index.ts'
import type { Services } from '../services.ts'
import type { RunParts } from './ports.ts'
import { removeRun } from './remove-run.ts'
import { idsEndedBefore } from './table.ts'

const DAY_MS = 86_400_000
const RUNS_A_PIECE = 50

/** Resolves to how many were removed; stops between two runs when the signal is aborted. */
export const removeOldRuns = async (
  services: Services,
  settings: RunParts['settings'],
  signal: AbortSignal,
): Promise<number> => {
  const { runRetentionDays } = await settings.read()
  if (runRetentionDays === 0) return 0
  const before = services.clock.now() - runRetentionDays * DAY_MS
  let removed = 0
  while (!signal.aborted) {
    const ids = await idsEndedBefore(services.db, before, RUNS_A_PIECE)
    for (const id of ids) {
      if (signal.aborted) break
      await removeRun(services.db, id)
      removed++
    }
    if (ids.length < RUNS_A_PIECE) break
  }
  if (removed > 0) {
    await services.activity.record(systemActor, {
      what: 'runs.trim',
      subject: `< ${new Date(before).toISOString()}`,
      after: { removed, days: runRetentionDays },
    })
  }
  return removed
}
