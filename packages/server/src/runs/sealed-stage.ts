// A stage made ready to be written: revs given, output packed into chunks, and what live readers will be told.

import { isEnd, type OutputStream } from '@omserver/core'
import type { HostStepsTable, OutputsTable } from '../db/index.ts'
import type { ActiveRun, OpenSlice } from './active-run.ts'
import type { HostRow } from './host-row.ts'
import { rowOfStep } from './host-step.ts'
import { isOpen, type OpenChunk, packChunks } from './output-chunks.ts'
import type { RunRecord } from './run-record.ts'
import type { Stage } from './stage.ts'

/** In the order in which a reader is told: of one host its start, its output, its steps, its end. */
export type LiveEntry =
  /** A row as it is now; its rev is what a reader resumes after. */
  | { readonly kind: 'host'; readonly row: HostRow }
  /** It started and ended in one commit: the row says only the end. */
  | { readonly kind: 'started'; readonly row: HostRow }
  | {
      readonly kind: 'output'
      readonly row: HostRow
      readonly stream: OutputStream
      readonly offset: number
      readonly bytes: Uint8Array
    }
  | { readonly kind: 'step'; readonly row: HostRow; readonly step: HostStepsTable }

export interface SealedStage {
  readonly active: ActiveRun
  readonly stage: Stage
  run: RunRecord
  readonly runChanged: boolean
  readonly started: readonly HostRow[]
  readonly ended: readonly HostRow[]
  /** Ended, with an attempt left: the target is kept. */
  readonly retriable: readonly HostRow[]
  readonly fresh: readonly (HostRow & { readonly target: string })[]
  readonly newChunks: readonly OutputsTable[]
  readonly grownChunks: readonly OutputsTable[]
  readonly steps: readonly HostStepsTable[]
  readonly openChunks: ReadonlyMap<number, OpenChunk | undefined>
  readonly slices: readonly OpenSlice[]
  readonly entries: readonly LiveEntry[]
}

/** Hosts whose last chunk is held in memory so that it can grow: at most 16 KiB each. */
const OPEN_CHUNKS = 2_000

export const seal = (stage: Stage): SealedStage => {
  const { active } = stage
  const before = active.run
  const started: HostRow[] = []
  const ended: HostRow[] = []
  const retriable: HostRow[] = []
  const fresh: (HostRow & { target: string })[] = []
  const newChunks: OutputsTable[] = []
  const grownChunks: OutputsTable[] = []
  const steps: HostStepsTable[] = []
  const openChunks = new Map<number, OpenChunk | undefined>()
  const entries: LiveEntry[] = []
  let { rev, outputBytes } = before
  for (const position of stage.touched) {
    let row = stage.row(position)
    const changed = stage.rows.has(position)
    if (changed) {
      row = { ...row, rev: ++rev }
      stage.rows.set(position, row)
    }
    const over = isEnd(row.state)
    if (stage.started.has(position) && over) entries.push({ kind: 'started', row })
    if (changed && !over) entries.push({ kind: 'host', row })
    const output = stage.outputs.get(position)
    if (output) {
      for (const piece of output) entries.push({ kind: 'output', row, ...piece })
      const open = active.openChunks.get(position)
      const chunks = packChunks(open, output)
      for (const [index, chunk] of chunks.entries()) {
        const stored = chunkRow(row, chunk)
        if (index === 0 && open) grownChunks.push(stored)
        else newChunks.push(stored)
      }
      const last = chunks.at(-1)
      const keep =
        !over && last !== undefined && isOpen(last) && active.openChunks.size < OPEN_CHUNKS
      openChunks.set(position, keep ? last : undefined)
    }
    if (stage.steps.size > 0) {
      for (const event of stage.steps.get(position) ?? []) {
        const step = rowOfStep(event)
        steps.push(step)
        entries.push({ kind: 'step', row, step })
      }
    }
    if (!changed) continue
    const target = stage.fresh.get(position)
    if (target !== undefined) fresh.push({ ...row, target })
    else if (!over) started.push(row)
    else {
      entries.push({ kind: 'host', row })
      outputBytes += row.output_bytes
      if (stage.tally.mayRetry(row)) retriable.push(row)
      else ended.push(row)
    }
  }
  const runChanged =
    stage.stopReason !== before.stopReason ||
    stage.batch !== before.batch ||
    stage.startedAt !== before.startedAt
  if (runChanged) rev++
  const run: RunRecord = {
    ...before,
    state: before.state === 'queued' && stage.startedAt !== null ? 'running' : before.state,
    stopReason: stage.stopReason,
    batch: stage.batch,
    startedAt: stage.startedAt,
    changed: stage.tally.changed,
    outputBytes,
    rev,
  }
  return {
    active,
    stage,
    run,
    runChanged,
    started,
    ended,
    retriable,
    fresh,
    newChunks,
    grownChunks,
    steps,
    openChunks,
    slices: [...stage.slices.values()],
    entries,
  }
}

const chunkRow = (row: HostRow, chunk: OpenChunk): OutputsTable => ({
  run_id: row.run_id,
  host_id: row.host_id,
  attempt: row.attempt,
  offset: chunk.offset,
  pieces: JSON.stringify(chunk.pieces),
  bytes: chunk.bytes,
})

/** Memory becomes what the database now says. */
export const apply = (sealed: SealedStage): void => {
  const { active, stage } = sealed
  active.run = sealed.run
  active.tally = stage.tally
  if (stage.fresh.size > 0) active.retried = true
  for (const [position, open] of sealed.openChunks) {
    if (open) active.openChunks.set(position, open)
    else active.openChunks.delete(position)
    active.kept.set(position, stage.kept(position))
  }
  for (const [position, row] of stage.rows) {
    active.hosts[position] = row
    if (!isEnd(row.state)) continue
    active.kept.delete(position)
    active.openChunks.delete(position)
  }
  for (const slice of sealed.slices) {
    if (slice.remaining > 0) active.slices.set(slice.id, slice)
    else active.slices.delete(slice.id)
  }
}
