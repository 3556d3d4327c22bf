// A run as the server works with it: the row of the table, its JSON parsed once.

import { errorText, type RunView } from '@omserver/api'
import {
  type Action,
  type AnswerMask,
  detachmentOf,
  emptyCounts,
  type HostCounts,
  type Json,
  type ProblemDetails,
  type RunState,
  type Strategy,
  type TableSpec,
  type Text,
} from '@omserver/core'
import type { RunsTable } from '../db/index.ts'

/** Of a run that a client began in an IDC, without the server. */
export interface Begun {
  readonly idc: string
  /** Name in the certificate of the client, and the SHA-256 of that, hex. */
  readonly client: string
  readonly certificate: string
  /** The client's clock, ms. */
  readonly at: number
  /** What the server would have refused it with, when it heard of it. */
  readonly objection: { readonly code: string; readonly details: ProblemDetails } | null
}

export type StopReason = 'threshold' | 'aborted' | 'runTimeout'

/** Being stored: not shown, not started, and removed if the server dies before it is complete. */
export const PREPARING = 'preparing'
type StoredState = RunState | typeof PREPARING

export interface RunRecord {
  readonly id: string
  readonly module: string
  readonly moduleTitle: Text
  /** Values of secret parameters are `***`. */
  readonly params: Readonly<Record<string, Json>>
  readonly selector: string
  readonly check: boolean
  readonly strategy: Strategy
  readonly runAs: { readonly user: string; readonly method: 'sudo' | 'su' } | null
  readonly credential: string | null
  readonly note: string
  /** null: check mode was asked for and the module has no read-only action; every host is skipped. */
  readonly action: Action | null
  readonly mask: readonly AnswerMask[]
  readonly table: TableSpec | null
  readonly state: StoredState
  readonly stopReason: StopReason | null
  readonly total: number
  readonly counts: HostCounts | null
  readonly changed: number
  readonly batches: readonly number[]
  readonly idcs: readonly { readonly idc: string; readonly hosts: number }[]
  readonly batch: number
  readonly startedBy: string
  readonly actorId: string | null
  readonly rerunOf: string | null
  readonly outputBytes: number
  readonly rev: number
  readonly createdAt: number
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly begun: Begun | null
}

export const recordOf = (row: RunsTable): RunRecord => ({
  id: row.id,
  module: row.module,
  moduleTitle: JSON.parse(row.module_title) as Text,
  params: JSON.parse(row.params) as Record<string, Json>,
  selector: row.selector,
  check: row.check_mode === 1,
  strategy: JSON.parse(row.strategy) as Strategy,
  runAs: row.run_as === null ? null : (JSON.parse(row.run_as) as RunRecord['runAs']),
  credential: row.credential,
  note: row.note,
  action: JSON.parse(row.action) as Action | null,
  mask: JSON.parse(row.mask) as AnswerMask[],
  table: row.table_spec === null ? null : (JSON.parse(row.table_spec) as TableSpec),
  state: row.state as StoredState,
  stopReason: row.stop_reason as StopReason | null,
  total: row.total,
  counts: row.counts === null ? null : (JSON.parse(row.counts) as HostCounts),
  changed: row.changed,
  batches: JSON.parse(row.batches) as number[],
  idcs: JSON.parse(row.idcs) as RunRecord['idcs'],
  batch: row.batch,
  startedBy: row.started_by,
  actorId: row.actor_id,
  rerunOf: row.rerun_of,
  outputBytes: row.output_bytes,
  rev: row.rev,
  createdAt: row.created_at,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  begun: row.begun === null ? null : (JSON.parse(row.begun) as Begun),
})

export const rowOf = (run: RunRecord): RunsTable => ({
  id: run.id,
  module: run.module,
  module_title: JSON.stringify(run.moduleTitle),
  params: JSON.stringify(run.params),
  selector: run.selector,
  check_mode: run.check ? 1 : 0,
  strategy: JSON.stringify(run.strategy),
  run_as: run.runAs === null ? null : JSON.stringify(run.runAs),
  credential: run.credential,
  note: run.note,
  action: JSON.stringify(run.action),
  mask: JSON.stringify(run.mask),
  table_spec: run.table === null ? null : JSON.stringify(run.table),
  state: run.state,
  stop_reason: run.stopReason,
  total: run.total,
  counts: run.counts === null ? null : JSON.stringify(run.counts),
  changed: run.changed,
  batches: JSON.stringify(run.batches),
  idcs: JSON.stringify(run.idcs),
  batch: run.batch,
  started_by: run.startedBy,
  actor_id: run.actorId,
  rerun_of: run.rerunOf,
  output_bytes: run.outputBytes,
  rev: run.rev,
  created_at: run.createdAt,
  started_at: run.startedAt,
  ended_at: run.endedAt,
  begun: run.begun === null ? null : JSON.stringify(run.begun),
})

/** `counts` of a run under way are in memory: whoever has them passes a record that holds them. */
export const viewOfRun = (run: RunRecord, may: RunView['may']): RunView => ({
  id: run.id,
  module: run.module,
  moduleTitle: run.moduleTitle,
  params: run.params as RunView['params'],
  selector: run.selector,
  check: run.check,
  strategy: run.strategy,
  detached: detachmentOf(run.action, run.strategy, run.check).detached,
  runAs: run.runAs,
  credential: run.credential,
  note: run.note,
  state: run.state === PREPARING ? 'queued' : run.state,
  stopReason: run.stopReason,
  total: run.total,
  counts: run.counts ?? { ...emptyCounts(), queued: run.total },
  changed: run.changed,
  batches: [...run.batches],
  idcs: [...run.idcs],
  startedBy: run.startedBy,
  rerunOf: run.rerunOf,
  createdAt: run.createdAt,
  startedAt: run.startedAt,
  endedAt: run.endedAt,
  rev: run.rev,
  begun: run.begun && {
    idc: run.begun.idc,
    client: run.begun.client,
    at: run.begun.at,
    objection:
      run.begun.objection && errorText(run.begun.objection.code, run.begun.objection.details),
  },
  may,
})
