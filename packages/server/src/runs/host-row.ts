// One host in one attempt: the row of the table, as memory holds it while the run is under way, and its view.

import type { HostResultView } from '@omserver/api'
import type { HostState } from '@omserver/core'
import type { HostResultsTable } from '../db/index.ts'

/** Replaced as a whole when it changes. The target stays in the database: it is needed only when offered. */
export type HostRow = Readonly<Omit<HostResultsTable, 'target' | 'state'>> & {
  readonly state: HostState
}

/** Of an attempt in which nothing has happened yet. */
export const untried = {
  fence: 0,
  state: 'queued',
  reason: null,
  message: null,
  exit: null,
  changed: null,
  left_running: null,
  started_at: null,
  ended_at: null,
  duration_ms: null,
  output_bytes: 0,
  truncated: 0,
  answer: null,
} as const satisfies Partial<HostRow>

export const viewOfHost = (row: HostRow): HostResultView => ({
  hostId: row.host_id,
  name: row.name,
  address: row.address,
  idc: row.idc,
  batch: row.batch,
  attempt: row.attempt,
  state: row.state,
  reason: row.reason,
  message: row.message,
  exit: row.exit,
  changed: row.changed === null ? null : row.changed === 1,
  leftRunning: row.left_running as HostResultView['leftRunning'],
  startedAt: row.started_at,
  endedAt: row.ended_at,
  durationMs: row.duration_ms,
  outputBytes: row.output_bytes,
  truncated: row.truncated === 1,
  answer: row.answer,
  rev: row.rev,
})
