// The way down of a stopped run: what nobody has taken is taken back, controllers are told, and hosts that are
// nobody's end here. When the controllers are gone, or say nothing, the server fences their slices itself.

import { type HostEnd, isEnd } from '@omserver/core'
import { ABORT_SIGNAL } from '@omserver/engine'
import { inTime } from '../in-time.ts'
import type { Services } from '../services.ts'
import type { ActiveRun } from './active-run.ts'
import type { HostRow } from './host-row.ts'
import type { Ledger } from './ledger.ts'
import { nextTurn } from './next-turn.ts'
import type { StopReason } from './run-record.ts'
import { Stage } from './stage.ts'
import { endWhenStopped, intentOf } from './stop-ends.ts'

/** Hosts changed in one transaction. */
const CHUNK = 1_000
/** A controller that lives but says nothing for this long after an abort is not waited for any more. */
const GRACE_MS = 30_000
/** Until an IDC that does not answer is left for later. */
const PATIENCE_MS = 2_000

export class Descent {
  readonly #active: ActiveRun
  readonly #services: Services
  readonly #ledger: Ledger
  #announced: StopReason | null = null
  readonly #told = new Map<string, StopReason>()
  readonly #telling = new Set<string>()
  #since = 0
  #fenced = false

  constructor(active: ActiveRun, services: Services, ledger: Ledger) {
    this.#active = active
    this.#services = services
    this.#ledger = ledger
  }

  /** One step. `waiting`: controllers have hosts to end; look again after a while. */
  async step(reason: StopReason): Promise<'over' | 'waiting'> {
    const active = this.#active
    await this.#announce(reason)
    await this.endFree((row) => endWhenStopped(reason, row))
    // Below a threshold hosts in flight go on to their ends: nothing is late.
    if (reason !== 'threshold' && active.slices.size > 0 && (await this.#fenceSilent(reason))) {
      await this.endFree((row) => endWhenStopped(reason, row))
    }
    return active.ended ? 'over' : 'waiting'
  }

  /** Every host without an end that is in no open slice. */
  async endFree(endOf: (row: HostRow) => HostEnd): Promise<void> {
    const active = this.#active
    const free = active.hosts.map(({ position }) => position).filter((one) => this.#isFree(one))
    // Also with nothing to end: a stopped run may have waited only for its retries.
    for (let from = 0; from === 0 || from < free.length; from += CHUNK) {
      await this.#ledger.exclusive(async () => {
        if (active.ended) return
        const stage = new Stage(active)
        const at = this.#services.clock.now()
        for (const position of free.slice(from, from + CHUNK)) {
          const row = stage.row(position)
          if (this.#isFree(position)) stage.end(position, row.fence, endOf(row), { at })
        }
        if (stage.rows.size > 0 || stage.isOver()) await this.#ledger.commit([stage])
      })
      await nextTurn()
    }
  }

  /** The run has ended. */
  async end(): Promise<void> {
    // A controller that comes back to a slice it has lost must still read that nothing is to be started.
    if (this.#announced === null || this.#fenced) return
    const removed = this.#active.run.idcs.map(({ idc }) =>
      this.#services.engine.intent.remove(idc, `run:${this.#active.id}`),
    )
    await inTime(Promise.all(removed), PATIENCE_MS)
  }

  #isFree(position: number): boolean {
    const row = this.#active.hosts[position]
    return (
      row !== undefined &&
      !isEnd(row.state) &&
      (row.slice_id === null || !this.#active.slices.has(row.slice_id))
    )
  }

  /** An IDC that does not answer is told when it does: the others do not wait for it. */
  async #announce(reason: StopReason): Promise<void> {
    const { engine, clock } = this.#services
    const idcs = this.#active.run.idcs.map(({ idc }) => idc)
    if (this.#announced !== reason) {
      this.#since = clock.monotonic()
      this.#announced = reason
      const signal = { runId: this.#active.id, reason: intentOf(reason).reason }
      // Before everything that takes a while; whom it does not reach reads it on the board.
      if (reason !== 'threshold') for (const idc of idcs) engine.bus.emit(idc, ABORT_SIGNAL, signal)
    }
    const begun = idcs
      .filter((idc) => this.#told.get(idc) !== reason && !this.#telling.has(idc))
      .map((idc) => this.#tellOnce(idc, reason))
    if (begun.length > 0) await inTime(Promise.all(begun), PATIENCE_MS)
  }

  async #tellOnce(idc: string, reason: StopReason): Promise<void> {
    this.#telling.add(idc)
    try {
      await this.#tell(idc, reason)
      this.#told.set(idc, reason)
    } catch (error) {
      this.#services.log.warn(
        { run: this.#active.id, idc, error },
        'an IDC could not be told to stop',
      )
    } finally {
      this.#telling.delete(idc)
    }
  }

  async #tell(idc: string, reason: StopReason): Promise<void> {
    const { engine } = this.#services
    // Withdrawn before the word is out: what a controller takes in between, it ends by that word. What runs on by
    // itself is left on offer: only a controller can end it.
    const open = this.#openSlices('fresh').get(idc)
    if (open) await this.#close(await engine.queue.withdraw(idc, open))
    await engine.ensure(idc)
    await engine.intent.put(idc, `run:${this.#active.id}`, { ...intentOf(reason) })
  }

  /**
   * Whether some slice was fenced: what still comes from it is late. Not in an IDC that is out of reach: its
   * controllers may be at work, and nobody here can say what they do.
   */
  async #fenceSilent(reason: StopReason): Promise<boolean> {
    const { engine, clock, log } = this.#services
    const patient = clock.monotonic() - this.#since < GRACE_MS
    let fenced = false
    for (const [idc, ids] of this.#openSlices()) {
      if (this.#told.get(idc) !== reason) continue
      const present = await inTime(engine.presence.all(idc), PATIENCE_MS)
      if (!present) continue
      if (patient && [...present.keys()].some((key) => key.startsWith('controller:'))) continue
      if (!(await inTime(engine.queue.withdraw(idc, ids), PATIENCE_MS))) continue
      log.warn({ run: this.#active.id, idc, slices: ids.length }, 'no controller ends these slices')
      this.#fenced = true
      fenced = true
      await this.#close(ids)
    }
    return fenced
  }

  #openSlices(which: 'all' | 'fresh' = 'all'): Map<string, string[]> {
    const slices = new Map<string, string[]>()
    for (const { id, idc, resumed } of this.#active.slices.values()) {
      if (resumed && which === 'fresh') continue
      slices.set(idc, [...(slices.get(idc) ?? []), id])
    }
    return slices
  }

  #close(sliceIds: readonly string[]): Promise<void> {
    return this.#ledger.exclusive(async () => {
      for (const id of sliceIds) this.#active.slices.delete(id)
    })
  }
}
