// How many hosts of a run are in which state: kept up to date row by row, so that nobody counts 100,000 of them.

import { emptyCounts, type HostState, isEnd } from '@omserver/core'
import type { HostRow } from './host-row.ts'

export class Tally {
  readonly counts: Record<HostState, number>
  /** Hosts without an end, by batch. */
  readonly unended: number[]
  changed = 0
  /** Ended not ok, with no attempt left. */
  failures = 0
  /** Ended unreachable, with an attempt left. */
  retriable = 0
  readonly #retries: number

  constructor(batches: number, retries: number, from?: Tally) {
    this.#retries = retries
    this.counts = from ? { ...from.counts } : emptyCounts()
    this.unended = from ? [...from.unended] : new Array<number>(batches).fill(0)
    if (!from) return
    this.changed = from.changed
    this.failures = from.failures
    this.retriable = from.retriable
  }

  copy(): Tally {
    return new Tally(0, this.#retries, this)
  }

  count(row: HostRow, by: 1 | -1): void {
    this.counts[row.state] += by
    if (row.changed === 1) this.changed += by
    if (!isEnd(row.state)) this.unended[row.batch] = (this.unended[row.batch] ?? 0) + by
    else if (this.mayRetry(row)) this.retriable += by
    else if (isFailure(row.state)) this.failures += by
  }

  mayRetry(row: HostRow): boolean {
    return row.state === 'unreachable' && row.attempt <= this.#retries
  }

  allUnended(): number {
    return this.counts.queued + this.counts.running
  }
}

const isFailure = (state: HostState): boolean =>
  state === 'failed' || state === 'unreachable' || state === 'timedOut' || state === 'lost'
