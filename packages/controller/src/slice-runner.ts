// Carries out one slice: starts its hosts when it is their turn, and sees each of them to its end.

import type { Clock, HostEnd, Slice, TargetHost } from '@omserver/core'
import { leavesOf } from '@omserver/core'
import type { After, RunIntent } from '@omserver/engine'
import { type CutShort, cutShortBy, endOfUnstarted } from './cut-short.ts'
import type { Driver } from './driver.ts'
import type { FairQueue, Lane } from './fair-queue.ts'
import type { FlushTicker } from './flush-ticker.ts'
import { HostAttempt } from './host-attempt.ts'
import { createLockstep, type Lockstep } from './lockstep.ts'
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
  /** As of the delivery of the slice. */
  readonly sure: () => Promise<void> | undefined
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
  /** Started under an earlier claim, and going on by themselves on their hosts. */
  readonly #resumed: TargetHost[] = []
  readonly #attempts = new Set<HostAttempt>()
  readonly #lane: Lane
  readonly #settled = Promise.withResolvers<'ended' | 'left'>()
  #writing = 0
  #resuming = 0
  #left = false

  constructor(slice: Slice, claim: SliceClaim, setting: SliceSetting) {
    this.slice = slice
    this.#setting = setting
    const isStarted = ({ hostId }: TargetHost): boolean =>
      claim.started.has(hostId) || (slice.resume === true && !claim.ended.has(hostId))
    const started = slice.hosts.filter(isStarted)
    // Last host first: taken from the end.
    this.#waiting = slice.hosts
      .filter((host) => !isStarted(host) && !claim.ended.has(host.hostId))
      .reverse()
    if (slice.detached && setting.driver?.detaches) this.#resumed.push(...started)
    else
      for (const host of started) this.#endHost(host, { state: 'lost', reason: 'controllerLost' })
    const room = (): number => slice.concurrency - this.#resuming
    this.#lane = {
      runId: slice.runId,
      get limit() {
        return room()
      },
      next: () => this.#next(),
    }
  }

  /** Hosts to which nothing was sent. None of them is begun after the runner has been cut short. */
  unbegun(): readonly string[] {
    const attempts = [...this.#attempts].filter((attempt) => !attempt.mayHaveBegun)
    return [...this.#waiting, ...attempts.map(({ host }) => host)].map(({ hostId }) => hostId)
  }

  /** Hosts that it has in flight, or would have if there were places for all of them. */
  demand(): number {
    return Math.min(this.slice.concurrency, this.#waiting.length + this.#attempts.size)
  }

  /** `ended`: the end of every host is durable. `left`: hosts remain, for whoever takes the slice next. */
  run(): Promise<'ended' | 'left'> {
    this.#resume()
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

  /** Starts no further host, and does not wait for those that go on without us. */
  leaveWhatGoesOn(): void {
    this.leaveWaiting()
    if (!this.slice.detached) return
    if (this.#resumed.splice(0).length > 0) this.#left = true
    for (const attempt of [...this.#attempts]) attempt.cutShort({ kind: 'leave' })
  }

  /** Starts no further host; those in flight go on to their ends. */
  leaveWaiting(): void {
    if (this.#waiting.length > 0) this.#left = true
    this.#waiting.length = 0
    this.#setting.queue.remove(this.#lane)
    this.#settle()
  }

  /** Outside the queue: they run already, and hold their places. */
  #resume(): void {
    const { driver, queue } = this.#setting
    for (const host of this.#resumed.splice(0)) {
      if (!driver) continue
      this.#resuming++
      void this.#attempt(host, driver, true).finally(() => {
        this.#resuming--
        if (this.#waiting.length > 0) queue.add(this.#lane)
      })
    }
  }

  #next(): (() => Promise<void>) | undefined {
    const { driver } = this.#setting
    if (!driver || this.#waiting.length === 0) return undefined
    if (driver.carryOutTogether) {
      const hosts = this.#waiting.splice(0).reverse()
      const lockstep = this.#lockstepOf(driver, hosts)
      return async () => {
        await Promise.all(hosts.map((host) => this.#attemptWith(lockstep, host, driver)))
      }
    }
    const host = this.#waiting.pop()
    return host && (() => this.#attempt(host, driver, false))
  }

  #lockstepOf(driver: Driver, hosts: readonly TargetHost[]): Lockstep {
    const { sliceId, concurrency } = this.slice
    return createLockstep((work) => driver.carryOutTogether?.(work) ?? Promise.resolve(), {
      sliceId,
      concurrency,
      hostIds: hosts.map(({ hostId }) => hostId),
    })
  }

  async #attemptWith(lockstep: Lockstep, host: TargetHost, driver: Driver): Promise<void> {
    const joined: Driver = {
      name: driver.name,
      capabilities: driver.capabilities,
      carryOut: lockstep.carryOut,
      health: () => driver.health(),
      close: () => driver.close(),
    }
    await this.#attempt(host, joined, false)
    lockstep.leave(host.hostId)
  }

  async #attempt(host: TargetHost, driver: Driver, resume: boolean): Promise<void> {
    const { count, ...setting } = this.#setting
    const attempt = new HostAttempt(host, {
      ...setting,
      slice: this.slice,
      driver,
      resume,
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
