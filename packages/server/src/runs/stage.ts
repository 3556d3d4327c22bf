// Changes to one run that are not committed yet: worked out against memory, written in one transaction, and only
// then applied. A transaction that fails leaves nothing behind.

import { type HostEnd, type HostFile, type HostStep, isEnd } from '@omserver/core'
import type { ActiveRun, OpenSlice } from './active-run.ts'
import { type HostRow, untried } from './host-row.ts'
import type { OutputPiece } from './output-chunks.ts'
import type { StopReason } from './run-record.ts'
import type { Tally } from './tally.ts'

export interface EndFacts {
  readonly at: number
  readonly durationMs?: number
  readonly answer?: string
  readonly outputBytes?: number
  readonly truncated?: boolean
}

export class Stage {
  readonly active: ActiveRun
  /** Rows that change, each as it will be. */
  readonly rows = new Map<number, HostRow>()
  /** Those of them that are a new attempt: to be inserted, with their targets. */
  readonly fresh = new Map<number, string>()
  readonly started = new Set<number>()
  readonly outputs = new Map<number, OutputPiece[]>()
  readonly steps = new Map<number, HostStep[]>()
  readonly files: HostFile[] = []
  readonly slices = new Map<string, OpenSlice>()
  /** Positions in the order in which they were first touched. */
  readonly touched = new Set<number>()
  readonly tally: Tally
  /** Patches of the run. */
  stopReason: StopReason | null
  batch: number
  startedAt: number | null

  constructor(active: ActiveRun) {
    this.active = active
    this.tally = active.tally.copy()
    this.stopReason = active.run.stopReason
    this.batch = active.run.batch
    this.startedAt = active.run.startedAt
  }

  row(position: number): HostRow {
    const row = this.rows.get(position) ?? this.active.hosts[position]
    if (!row) throw new Error(`run ${this.active.id} has no host at ${position}`)
    return row
  }

  slice(sliceId: string): OpenSlice | undefined {
    return this.slices.get(sliceId) ?? this.active.slices.get(sliceId)
  }

  claim(slice: OpenSlice, fence: number): void {
    this.slices.set(slice.id, { ...slice, fence, since: slice.since || fence })
  }

  start(position: number, fence: number, at: number): void {
    this.started.add(position)
    this.#set(position, { ...this.row(position), state: 'running', started_at: at, fence })
  }

  output(position: number, piece: OutputPiece): void {
    this.touched.add(position)
    const pieces = this.outputs.get(position)
    if (pieces) pieces.push(piece)
    else this.outputs.set(position, [piece])
  }

  step(position: number, step: HostStep): void {
    this.touched.add(position)
    const steps = this.steps.get(position)
    if (steps) steps.push(step)
    else this.steps.set(position, [step])
  }

  file(position: number, piece: HostFile): void {
    this.touched.add(position)
    this.files.push(piece)
  }

  /** Bytes kept of a host's output so far, with what is staged. */
  kept(position: number): number {
    const last = this.outputs.get(position)?.at(-1)
    return last ? last.offset + last.bytes.length : (this.active.kept.get(position) ?? 0)
  }

  end(position: number, fence: number, end: HostEnd, facts: EndFacts): void {
    const row = this.row(position)
    if (isEnd(row.state)) throw new Error(`${row.name} has ended already`)
    this.#set(position, {
      ...row,
      state: end.state,
      fence,
      reason: end.reason ?? null,
      message: end.message === undefined ? null : end.message.slice(0, 500),
      exit: end.exit ?? null,
      changed: end.changed === undefined ? null : end.changed ? 1 : 0,
      left_running: end.leftRunning ?? null,
      ended_at: facts.at,
      duration_ms: facts.durationMs ?? null,
      output_bytes: facts.outputBytes ?? this.kept(position),
      truncated: facts.truncated ? 1 : 0,
      answer: facts.answer ?? null,
    })
    const slice = row.slice_id === null ? undefined : this.slice(row.slice_id)
    if (slice) this.slices.set(slice.id, { ...slice, remaining: slice.remaining - 1 })
  }

  /** A further attempt of a host that could not be reached. */
  retry(position: number, target: string): void {
    const row = this.row(position)
    this.fresh.set(position, target)
    this.#set(position, {
      ...row,
      attempt: row.attempt + 1,
      slice_id: null,
      ...untried,
    })
  }

  /** Every host has ended and none will be tried again. */
  isOver(): boolean {
    return this.tally.allUnended() === 0 && (this.tally.retriable === 0 || this.stopReason !== null)
  }

  #set(position: number, row: HostRow): void {
    this.touched.add(position)
    this.tally.count(this.row(position), -1)
    this.tally.count(row, 1)
    this.rows.set(position, row)
  }
}
