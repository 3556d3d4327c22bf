// A run under way, in memory: what the database holds of it, arranged so that thousands of events a second find
// their host at once. Changed only by applying a stage that has been committed.

import { failuresAllowed, isRunEnd } from '@omserver/core'
import type { SlicesTable } from '../db/index.ts'
import type { HostRow } from './host-row.ts'
import type { OpenChunk } from './output-chunks.ts'
import { PREPARING, type RunRecord } from './run-record.ts'
import { Tally } from './tally.ts'

/** A slice that was offered and has hosts without an end. */
export interface OpenSlice {
  readonly id: string
  readonly idc: string
  readonly concurrency: number
  /** The last claim that was read; 0 before the first. */
  readonly fence: number
  /** Its first claim; 0 before that. The log is kept from there while hosts of it have no end. */
  readonly since: number
  readonly hosts: number
  /** Hosts of it that have not ended. */
  readonly remaining: number
  /** Its hosts had been started before it was offered. */
  readonly resumed?: true
}

export class ActiveRun {
  run: RunRecord
  /** By position; each in its last attempt. */
  readonly hosts: HostRow[]
  readonly positionOf: ReadonlyMap<string, number>
  readonly slices = new Map<string, OpenSlice>()
  /** Those of them that an earlier life of the server has offered, or was about to. */
  readonly toOfferAgain = new Map<string, SlicesTable>()
  /** Slices that are on their way into the queue; resolved when they are there, or in doubt. */
  readonly offers = new Map<string, Promise<void>>()
  /** Hosts have left their slices: what is left to offer must be worked out anew. */
  offerAnew = false
  /** Bytes of output kept, of hosts that are running. */
  readonly kept = new Map<number, number>()
  readonly openChunks = new Map<number, OpenChunk>()
  readonly failuresAllowed: number
  /** There may be hosts that go on by themselves, and nobody attached to them. */
  resumeDue = true
  tally: Tally
  /** Some host was tried more than once. */
  retried: boolean

  constructor(run: RunRecord, hosts: readonly HostRow[]) {
    this.run = run
    this.hosts = [...hosts]
    this.positionOf = new Map(hosts.map((row) => [row.host_id, row.position]))
    this.failuresAllowed = failuresAllowed(run.total, run.strategy.maxFailures)
    this.tally = new Tally(run.batches.length, run.strategy.retries)
    for (const row of hosts) this.tally.count(row, 1)
    this.retried = hosts.some((row) => row.attempt > 1)
  }

  /** These slices are on their way into the queue, until the function is called. */
  offering(sliceIds: readonly string[]): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    for (const id of sliceIds) this.offers.set(id, promise)
    return () => {
      for (const id of sliceIds) this.offers.delete(id)
      resolve()
    }
  }

  /** Whether what is left to offer must be worked out anew; asked once. */
  takeOfferAnew(): boolean {
    const due = this.offerAnew
    this.offerAnew = false
    return due
  }

  get id(): string {
    return this.run.id
  }

  get ended(): boolean {
    return this.run.state !== PREPARING && isRunEnd(this.run.state)
  }

  /** The run with the counts of this moment. */
  snapshot(): RunRecord {
    if (this.ended) return this.run
    return { ...this.run, counts: { ...this.tally.counts }, changed: this.tally.changed }
  }
}
