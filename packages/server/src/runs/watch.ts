// What every reader of a run's live events is given.

import type { RunEvent, RunView } from '@omserver/api'
import { emptyCounts } from '@omserver/core'
import type { Db } from '../db/index.ts'
import type { SseEvent } from '../http/index.ts'
import { type RunRecord, viewOfRun } from './run-record.ts'

export interface Watch {
  readonly db: Db
  /** As it was when the reader came. */
  readonly run: RunRecord
  readonly mayOf: (run: RunRecord) => RunView['may']
  /** Rows with a greater rev are told; 0: all. */
  readonly after: number
  /** Hosts whose output is told. */
  readonly output: ReadonlySet<string> | '*'
  readonly encodingOf: (hostId: string) => Promise<string | undefined>
  readonly signal: AbortSignal
}

export const snapshotOf = (watch: Watch, run: RunRecord): SseEvent => {
  const data: RunEvent = { type: 'run.snapshot', run: viewOfRun(run, watch.mayOf(run)) }
  return { data }
}

export const changeOf = (watch: Watch, run: RunRecord): SseEvent => {
  const data: RunEvent = { type: 'run.changed', run: viewOfRun(run, watch.mayOf(run)) }
  return { data }
}

export const endOfRun = (run: RunRecord): SseEvent => {
  const { id, state, counts, rev } = run
  if (state === 'preparing') throw new Error(`run ${id} cannot have ended`)
  const data: RunEvent = { type: 'run.ended', id, status: state, counts: counts ?? emptyCounts() }
  return { id: String(rev), data }
}
