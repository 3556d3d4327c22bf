// The last changes of one run, shared by everybody who watches it. A reader that cannot keep up loses its place
// here and finds it again in the database.

import type { After } from '@omserver/engine'
import { viewOfHost } from './host-row.ts'
import type { RunRecord } from './run-record.ts'
import type { LiveEntry, SealedStage } from './sealed-stage.ts'

const KEPT_ENTRIES = 20_000
const KEPT_OUTPUT_BYTES = 8 * 1024 * 1024
/** Screens are told ten times a second at most. */
const TICK_MS = 100
const ROWS_AN_EVENT = 2_000

export interface Frame {
  /** Where the next one begins. */
  readonly to: number
  /** Rev that a reader of this frame has reached. */
  readonly rev: number
  readonly events: readonly { readonly id: string; readonly json: string }[]
}

export class RunFeed {
  readonly #after: After
  #entries: LiveEntry[] = []
  #first = 0
  #outputBytes = 0
  #tickEnd = 0
  #tickRev: number
  #endTick: (() => void) | undefined
  #frames = new Map<number, Frame>()
  #waiting = new Set<() => void>()
  #waitingForTick = new Set<() => void>()
  /** As of the last commit. */
  run: RunRecord
  /** Rises when the run itself changed, not only its hosts. */
  runVersion = 0
  ended = false
  closed = false
  readers = 0
  outputReaders = 0

  constructor(run: RunRecord, after: After) {
    this.run = run
    this.#tickRev = run.rev
    this.#after = after
  }

  get first(): number {
    return this.#first
  }

  get end(): number {
    return this.#first + this.#entries.length
  }

  publish(sealed: SealedStage): void {
    const { active, entries, runChanged } = sealed
    this.run = active.snapshot()
    if (runChanged) this.runVersion++
    for (const entry of entries) {
      if (entry.kind === 'output') {
        if (this.outputReaders === 0) continue
        this.#outputBytes += entry.bytes.length
      }
      this.#entries.push(entry)
    }
    this.#trim()
    if (active.ended) {
      this.ended = true
      this.runVersion++
      this.#tick()
    } else {
      this.#endTick ??= this.#after(TICK_MS, () => this.#tick())
    }
    wake(this.#waiting)
  }

  /** From a reader's place on; empty: nothing new. Only when `from` is not before `first`. */
  slice(from: number, limit: number): readonly LiveEntry[] {
    return this.#entries.slice(from - this.#first, from - this.#first + limit)
  }

  /** Rows that changed from a reader's place up to the last tick, each once, serialised for everybody. */
  frame(from: number): Frame {
    const known = this.#frames.get(from)
    if (known) return known
    const rows = new Map<string, Extract<LiveEntry, { kind: 'host' }>['row']>()
    for (const entry of this.slice(from, this.#tickEnd - from)) {
      if (entry.kind !== 'host') continue
      const key = `${entry.row.position}.${entry.row.attempt}`
      // Last in, last out: the rows of a frame stand in the order of their revs.
      rows.delete(key)
      rows.set(key, entry.row)
    }
    const all = [...rows.values()]
    const events: { id: string; json: string }[] = []
    for (let at = 0; at < all.length; at += ROWS_AN_EVENT) {
      const part = all.slice(at, at + ROWS_AN_EVENT)
      const rev = part.at(-1)?.rev ?? this.#tickRev
      events.push({
        id: String(rev),
        json: JSON.stringify({
          type: 'hosts.changed',
          hosts: part.map(viewOfHost),
          counts: this.run.counts,
          rev,
        }),
      })
    }
    const frame = { to: this.#tickEnd, rev: this.#tickRev, events }
    this.#frames.set(from, frame)
    return frame
  }

  /** Where the last tick ended: what a reader of frames goes up to. */
  get tickEnd(): number {
    return this.#tickEnd
  }

  /** Makes what has been published so far a frame. */
  tickNow(): void {
    this.#tick()
  }

  /** Resolves at the next change, when the reader leaves, or when the server closes. */
  changed(signal: AbortSignal): Promise<void> {
    return wait(this.#waiting, signal, this.closed)
  }

  ticked(signal: AbortSignal): Promise<void> {
    return wait(this.#waitingForTick, signal, this.closed)
  }

  close(): void {
    this.closed = true
    this.#endTick?.()
    wake(this.#waiting)
    wake(this.#waitingForTick)
  }

  #tick(): void {
    this.#endTick?.()
    this.#endTick = undefined
    this.#tickEnd = this.end
    this.#tickRev = this.run.rev
    this.#frames.clear()
    wake(this.#waitingForTick)
  }

  #trim(): void {
    let drop = Math.max(0, this.#entries.length - KEPT_ENTRIES)
    for (let at = 0; at < this.#entries.length; at++) {
      if (at >= drop && this.#outputBytes <= KEPT_OUTPUT_BYTES) break
      const entry = this.#entries[at]
      if (entry?.kind === 'output') this.#outputBytes -= entry.bytes.length
      drop = Math.max(drop, at + 1)
    }
    if (drop === 0) return
    this.#entries = this.#entries.slice(drop)
    this.#first += drop
  }
}

const wake = (waiting: Set<() => void>): void => {
  const all = [...waiting]
  waiting.clear()
  for (const resolve of all) resolve()
}

const wait = (waiting: Set<() => void>, signal: AbortSignal, closed: boolean): Promise<void> =>
  new Promise((resolve) => {
    if (closed || signal.aborted) {
      resolve()
      return
    }
    const done = (): void => {
      waiting.delete(done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    waiting.add(done)
    signal.addEventListener('abort', done)
  })
