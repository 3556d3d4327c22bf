// Carries out one slice: starts its hosts when it is their turn, and sees each of them to its end.

import type { Clock, HostEnd, Slice, TargetHost } from '@omserver/core'
import { leavesOf } from '@omserver/core'
import type { After, RunIntent } from '@omserver/engine'
import { type CutShort, cutShortBy, endOfUnstarted } from './cut-short.ts'
import type { Driver } from './driver.ts'
import type { FairQueue, Lane } from './fair-queue.ts'
import type { FlushTicker } from './flush-ticker.ts'
import { HostAttempt } from './host-attempt.ts'
import type { OutputBudget } from './output-budget.ts'
import type { OutputRoom } from './output-room.ts'
import type { SliceClaim } from './slice-claim.ts'
import type { SliceWriter } from './slice-writer.ts'

export interface SliceSetting {
  readonly driver: Driver | undefined
  readonly writer: SliceWriter
  readonly clock: Clock
  readonly after: After
  readonly budget: OutputBudget
  readonly room: OutputRoom
  readonly ticker: FlushTicker
  readonly queue: FairQueue
  readonly intent: () => RunIntent | undefined
  readonly count: { started: number; ended: number; outputBytes: number }
}

/** Why no host of the slice can be carried out here. */
const refusal = (slice: Slice, driver: Driver | undefined): HostEnd | undefined => {
  if (!driver) {
    const message = `this controller has no driver "${slice.driver}"`
    return { state: 'skipped', reason: 'capability', message }
  }
  const lacking = leavesOf(slice.action).find(
    (leaf) => !driver.capabilities.leaves.includes(leaf.kind),
  )
  if (!lacking) return undefined
  const message = `the driver "${driver.name}" cannot carry out "${lacking.kind}"`
  return { state: 'skipped', reason: 'capability', message }
}

export class SliceRunner {
  readonly slice: Slice
  readonly #setting: SliceSetting
  readonly #waiting: TargetHost[]
  readonly #attempts = new Set<HostAttempt>()
  readonly #lane: Lane
  readonly #settled = Promise.withResolvers<'ended' | 'left'>()
  #writing = 0
  #left = false

  constructor(slice: Slice, claim: SliceClaim, setting: SliceSetting) {
    this.slice = slice
    this.#setting = setting
    const started = slice.hosts.filter((host) => claim.started.has(host.hostId))
    // Last host first: taken from the end.
    this.#waiting = slice.hosts
      .filter((host) => !claim.started.has(host.hostId) && !claim.ended.has(host.hostId))
      .reverse()
    for (const host of started) this.#endHost(host, { state: 'lost', reason: 'controllerLost' })
    this.#lane = { runId: slice.runId, limit: slice.concurrency, next: () => this.#next() }
  }

  /** `ended`: the end of every host is durable. `left`: hosts remain, for whoever takes the slice next. */
  run(): Promise<'ended' | 'left'> {
    const intent = this.#setting.intent()
    const refused = refusal(this.slice, this.#setting.driver)
    if (refused) this.#endWaiting(refused)
    else if (intent) this.cutShort(cutShortBy(intent))
    else if (this.#waiting.length > 0) this.#setting.queue.add(this.#lane)
    this.#settle()
    return this.#settled.promise
  }

  /** All hosts, those in flight too. Idempotent, at any moment. */
  cutShort(cut: CutShort): void {
    const end = endOfUnstarted(cut, false)
    if (end) this.#endWaiting(end)
    else this.leaveWaiting()
    for (const attempt of [...this.#attempts]) attempt.cutShort(cut)
    this.#settle()
  }

  /** Starts no further host; those in flight go on to their ends. */
  leaveWaiting(): void {
    if (this.#waiting.length > 0) this.#left = true
    this.#waiting.length = 0
    this.#setting.queue.remove(this.#lane)
    this.#settle()
  }

  #next(): (() => Promise<void>) | undefined {
    const host = this.#waiting.pop()
    const { driver } = this.#setting
    return host && driver ? () => this.#attempt(host, driver) : undefined
  }

  async #attempt(host: TargetHost, driver: Driver): Promise<void> {
    const { count, ...setting } = this.#setting
    const attempt = new HostAttempt(host, {
      ...setting,
      slice: this.slice,
      driver,
      onOutput: (bytes) => {
        count.outputBytes += bytes
      },
    })
    this.#attempts.add(attempt)
    count.started++
    const wrote = await attempt.run()
    count.ended++
    if (!wrote) this.#left = true
    this.#attempts.delete(attempt)
    this.#settle()
  }

  #endWaiting(end: HostEnd): void {
    this.#setting.queue.remove(this.#lane)
    for (const host of this.#waiting.splice(0).reverse()) this.#endHost(host, end)
  }

  #endHost(host: TargetHost, end: HostEnd): void {
    this.#writing++
    const wrote = (ended: boolean): void => {
      this.#writing--
      if (!ended) this.#left = true
      this.#settle()
    }
    this.#setting.writer
      .write({
        kind: 'host.ended',
        hostId: host.hostId,
        attempt: this.slice.attempt,
        end,
        durationMs: 0,
        outputBytes: 0,
        truncated: false,
      })
      .then(
        () => wrote(true),
        () => wrote(false),
      )
  }

  #settle(): void {
    if (this.#waiting.length > 0 || this.#attempts.size > 0 || this.#writing > 0) return
    this.#setting.queue.remove(this.#lane)
    this.#settled.resolve(this.#left ? 'left' : 'ended')
  }
}
