// Takes one run from its first slice to its last host: batch after batch, retries, and the way down when it is
// stopped. One step at a time, always from what is committed: a step that was cut off is simply taken again.

import {
  canDetach,
  type DriverName,
  defaultCaps,
  isEnd,
  type Slice,
  type SlicePlan,
} from '@omserver/core'
import type { After } from '@omserver/engine'
import type { SharedTransaction, SlicesTable } from '../db/index.ts'
import type { Services } from '../services.ts'
import type { ActiveRun } from './active-run.ts'
import { Descent } from './descent.ts'
import { goesOn, isDetachedRun, plansToResume } from './detached-hosts.ts'
import type { Ingest } from './ingest.ts'
import type { Ledger } from './ledger.ts'
import { nextTurn } from './next-turn.ts'
import { Offering, positionsOfBatch, type ReadTargets } from './offering.ts'
import { readPositions } from './positions.ts'
import { readTargets } from './results-table.ts'
import type { StopReason } from './run-record.ts'
import { rowOfSlice } from './slice-row.ts'
import { Stage } from './stage.ts'
import { insertSlices } from './table.ts'
import { parseTarget } from './target.ts'

export interface PilotParts {
  readonly ledger: Ledger
  /** With the slices of other runs. */
  readonly together: SharedTransaction
  readonly ingest: Ingest
  /** Makes what its action refers to be there; true: what is left to offer must be worked out anew. */
  readonly prepare: () => Promise<boolean>
  readonly after: After
  /** The one-time login of the run was in the memory of a process that is gone. */
  readonly isLoginForgotten: () => boolean
  readonly onEnded: (active: ActiveRun) => Promise<void>
}

/** Hosts changed in one transaction. */
const CHUNK = 1_000
const TROUBLE_PAUSE_MS = 1_000
/** How often controllers are looked for that should end what was aborted. */
const WATCH_MS = 1_000
const CONNECT_TIMEOUT_MS = 10_000
/** Cut while others wait for the ledger. */
const SLICES_A_COMMIT = 8

interface Cut {
  readonly slice: Slice
  readonly plan: SlicePlan
}

export class Pilot {
  readonly active: ActiveRun
  readonly #services: Services
  readonly #parts: PilotParts
  readonly #descent: Descent
  readonly #timers = new Map<string, () => void>()
  #offering: Offering | undefined
  #wanted = false
  #busy: Promise<void> | undefined
  #closed = false
  #landed = false
  #lastTrouble = ''

  constructor(active: ActiveRun, services: Services, parts: PilotParts) {
    this.active = active
    this.#services = services
    this.#parts = parts
    this.#descent = new Descent(active, services, parts.ledger)
    const { runTimeoutMs } = active.run.strategy
    if (runTimeoutMs === undefined) return
    const left = active.run.createdAt + runTimeoutMs - services.clock.now()
    this.#later('timeout', Math.max(0, left), () => {
      this.stop('runTimeout').catch((error: unknown) => this.#trouble(error))
    })
  }

  /** Something may have become possible. */
  poke(): void {
    this.#wanted = true
    if (this.#closed) return
    this.#busy ??= this.#fly().finally(() => {
      this.#busy = undefined
      if (this.#wanted) this.poke()
    })
  }

  /** Resolves when nothing is left to do before something happens. */
  async settled(): Promise<void> {
    await this.#busy
  }

  /** Durable when it resolves; false when the run has ended before. A person's word overrides the threshold. */
  async stop(reason: StopReason): Promise<boolean> {
    const { active } = this
    const stopped = await this.#parts.ledger.exclusive(async () => {
      if (active.ended) return false
      const { stopReason } = active.run
      if (stopReason !== null && (stopReason !== 'threshold' || reason === 'threshold')) return true
      const stage = new Stage(active)
      stage.stopReason = reason
      await this.#parts.ledger.commit([stage])
      return true
    })
    this.poke()
    return stopped
  }

  /** Stops working on the run, which stays as it is. */
  async close(): Promise<void> {
    this.#closed = true
    this.#wanted = false
    this.#clearTimers()
    await this.#busy
  }

  async #fly(): Promise<void> {
    while (this.#wanted && !this.#closed) {
      this.#wanted = false
      try {
        if (this.active.ended) await this.#land()
        else await this.#advance()
      } catch (error) {
        this.#trouble(error)
      }
    }
  }

  #trouble(error: unknown): void {
    this.#offering = undefined
    if (this.#closed) return
    const said = error instanceof Error ? error.message : String(error)
    // It is tried again every second, perhaps for days: a controller is missing, a database is away.
    const level = said === this.#lastTrouble ? 'debug' : 'error'
    this.#lastTrouble = said
    this.#services.log[level](
      { err: error, run: this.active.id },
      'a run could not go on; trying again',
    )
    this.#later('trouble', TROUBLE_PAUSE_MS, () => this.poke())
  }

  async #advance(): Promise<void> {
    if (this.active.resumeDue) await this.#resume()
    const { run, tally } = this.active
    if (run.stopReason !== null) return this.#descend(run.stopReason)
    if (run.action === null) return this.#skipAll('noCheckSupport')
    if (tally.allUnended() > 0 && this.#parts.isLoginForgotten()) {
      return this.#skipAll('loginForgotten')
    }
    if ((tally.unended[run.batch] ?? 0) > 0) return this.#offer()
    this.#offering = undefined
    if (tally.retriable > 0) await this.#retry()
    else await this.#nextBatch()
    this.#wanted = true
  }

  async #descend(reason: StopReason): Promise<void> {
    this.#offering = undefined
    if ((await this.#descent.step(reason)) === 'over') this.#wanted = true
    else if (reason !== 'threshold') this.#later('watch', WATCH_MS, () => this.poke())
  }

  async #skipAll(reason: 'noCheckSupport' | 'loginForgotten'): Promise<void> {
    await this.#descent.endFree(() => ({ state: 'skipped', reason }))
    this.#wanted = true
  }

  async #nextBatch(): Promise<void> {
    await this.#parts.ledger.exclusive(async () => {
      const { run } = this.active
      const stage = new Stage(this.active)
      // The last batch over and the run not ended is what a restart may find: committing ends it.
      if (run.batch + 1 < run.batches.length) stage.batch++
      else if (!stage.isOver()) throw new Error('hosts of an earlier batch have no end')
      await this.#parts.ledger.commit([stage])
    })
  }

  async #retry(): Promise<void> {
    const { active } = this
    const due = [...positionsOfBatch(active)].filter((position) => {
      const row = active.hosts[position]
      return row !== undefined && active.tally.mayRetry(row)
    })
    for (let from = 0; from < due.length; from += CHUNK) {
      await this.#parts.ledger.exclusive(async () => {
        if (active.run.stopReason !== null) return
        const stage = new Stage(active)
        const chunk = due.slice(from, from + CHUNK)
        for (const [attempt, positions] of Map.groupBy(chunk, (n) => stage.row(n).attempt)) {
          const rows = await readTargets(this.#services.db, active.id, attempt, positions)
          for (const { position, target } of rows) stage.retry(position, target ?? '')
        }
        await this.#parts.ledger.commit([stage])
      })
      await nextTurn()
    }
  }

  /** Also of a run that is being stopped: only who is attached can end what runs on. */
  async #resume(): Promise<void> {
    const { active } = this
    const { ingest } = this.#parts
    if (!isDetachedRun(active.run)) {
      active.resumeDue = false
      return
    }
    const idcs = active.run.idcs.map(({ idc }) => idc)
    await ingest.listen(idcs)
    const cut: Cut[] = []
    await this.#parts.ledger.exclusive(async () => {
      if (this.#closed || active.ended) return
      for (const plan of await plansToResume(active, this.#readTargets)) {
        if (!ingest.isListening(plan.idc)) continue
        const slice = { ...this.#sliceOf(plan, this.#services.newId()), resume: true } as const
        cut.push({ slice, plan })
        this.#assign(slice.sliceId, plan, true)
      }
    })
    await this.#offerCut(cut)
    active.resumeDue = !idcs.every((idc) => ingest.isListening(idc))
  }

  async #offer(): Promise<void> {
    const { ingest } = this.#parts
    await ingest.listen(this.active.run.idcs.map(({ idc }) => idc))
    if (await this.#parts.prepare()) this.#offering = undefined
    await this.#offerAgain()
    const isOpen = (idc: string) => ingest.isListening(idc)
    this.#offering ??= new Offering(this.active, this.#readTargets, isOpen)
    // Every commit of results comes by here: most find that all hosts have been offered.
    while (this.#offering.hasMore && (await this.#offerSome(this.#offering))) await nextTurn()
  }

  /** What was offered before a restart, in an engine that outlived it: one that has it already takes it for the same. */
  async #offerAgain(): Promise<void> {
    const { active } = this
    const { engine } = this.#services
    const due = [...active.toOfferAgain.values()].filter(({ idc }) =>
      this.#parts.ingest.isListening(idc),
    )
    for (const row of due) {
      const positions = readPositions(row.positions).filter((position) => {
        const host = active.hosts[position]
        return host?.slice_id === row.id && !isEnd(host.state)
      })
      if (positions.length > 0) {
        const hosts = await this.#readTargets(row.attempt, positions)
        const { driver, concurrency } = row
        const plan = { idc: row.idc, driver: driver as DriverName, hosts, concurrency, wave: 0 }
        // Where every host had been started, whoever takes it may only attach.
        const started = positions.every((position) => {
          const host = active.hosts[position]
          return host !== undefined && goesOn(active.run, host)
        })
        const slice = this.#sliceOf(plan, row.id)
        await engine.queue.offer(row.idc, [started ? { ...slice, resume: true } : slice])
      }
      active.toOfferAgain.delete(row.id)
    }
  }

  readonly #readTargets: ReadTargets = async (attempt, positions) => {
    const rows = await readTargets(this.#services.db, this.active.id, attempt, positions)
    return rows.map(parseTarget)
  }

  /** False when there is nothing to offer until hosts have ended. */
  async #offerSome(offering: Offering): Promise<boolean> {
    const cut: Cut[] = []
    await this.#parts.ledger.exclusive(() => this.#cutSome(offering, cut))
    await this.#offerCut(cut)
    return cut.length > 0
  }

  async #offerCut(cut: readonly Cut[]): Promise<void> {
    const { active } = this
    const { engine } = this.#services
    let rows: readonly SlicesTable[] = []
    let offered = 0
    const settled = active.offering(cut.map(({ slice }) => slice.sliceId))
    try {
      rows = await this.#store(cut)
      for (const { slice } of cut) {
        await engine.queue.offer(slice.idc, [slice])
        offered++
      }
    } catch (error) {
      await this.#parts.ledger.exclusive(async () => {
        // What is stored keeps its hosts: whether the engine has it after all, offering it again will show.
        for (const row of rows.slice(offered)) active.toOfferAgain.set(row.id, row)
        if (rows.length > 0) return
        for (const { slice, plan } of cut) {
          this.#assign(null, plan)
          active.slices.delete(slice.sliceId)
        }
      })
      throw error
    } finally {
      settled()
    }
  }

  /** Several slices with one wait for the disk. */
  async #cutSome(offering: Offering, cut: Cut[]): Promise<void> {
    const { active } = this
    const { newId } = this.#services
    if (this.#closed || active.run.stopReason !== null || active.ended) return
    while (cut.length < SLICES_A_COMMIT) {
      const plan = await offering.next()
      if (!plan) break
      const slice = this.#sliceOf(plan, newId())
      cut.push({ slice, plan })
      this.#assign(slice.sliceId, plan)
    }
  }

  /** Before they are offered: what is stored of a slice begins with its row. */
  async #store(cut: readonly Cut[]): Promise<readonly SlicesTable[]> {
    if (cut.length === 0) return []
    const at = this.#services.clock.now()
    const { positionOf } = this.active
    const rows = cut.map(({ slice }) => rowOfSlice(slice, positionOf, at))
    await this.#parts.together(rows.length, (trx) => insertSlices(trx, rows))
    return rows
  }

  #assign(sliceId: string | null, plan: SlicePlan, resumed = false): void {
    const { active } = this
    for (const { hostId } of plan.hosts) {
      const position = active.positionOf.get(hostId) ?? -1
      const row = active.hosts[position]
      if (row) active.hosts[position] = { ...row, slice_id: sliceId }
    }
    if (sliceId === null) return
    active.slices.set(sliceId, {
      id: sliceId,
      idc: plan.idc,
      concurrency: plan.concurrency,
      fence: 0,
      since: 0,
      hosts: plan.hosts.length,
      remaining: plan.hosts.length,
      ...(resumed ? { resumed } : {}),
    })
  }

  #sliceOf(plan: SlicePlan, sliceId: string): Slice {
    const { run, hosts, positionOf } = this.active
    const first = positionOf.get(plan.hosts[0]?.hostId ?? '') ?? -1
    if (run.action === null) throw new Error(`run ${run.id} has no action`)
    return {
      sliceId,
      runId: run.id,
      idc: plan.idc,
      driver: plan.driver,
      batch: run.batch,
      attempt: hosts[first]?.attempt ?? 1,
      action: run.action,
      check: run.check,
      hosts: plan.hosts,
      concurrency: plan.concurrency,
      hostTimeoutMs: run.strategy.hostTimeoutMs,
      ...(canDetach(plan.driver) && isDetachedRun(run) ? { detached: true } : {}),
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      caps: defaultCaps,
      mask: run.mask,
    }
  }

  async #land(): Promise<void> {
    if (this.#landed) return
    this.#clearTimers()
    await this.#descent.end()
    this.#landed = true
    await this.#parts.onEnded(this.active)
  }

  #later(name: string, ms: number, run: () => void): void {
    this.#timers.get(name)?.()
    this.#timers.set(
      name,
      this.#parts.after(ms, () => {
        this.#timers.delete(name)
        run()
      }),
    )
  }

  #clearTimers(): void {
    for (const end of this.#timers.values()) end()
    this.#timers.clear()
  }
}
