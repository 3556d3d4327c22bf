// Reads the event log of each IDC: what it says and how far it was read are stored in one transaction.

import { directRunOf, type HostKeySeen } from '@omserver/core'
import type { After, LogEntry, Stop } from '@omserver/engine'
import type { Services } from '../services.ts'
import type { ActiveRun } from './active-run.ts'
import type { Ledger } from './ledger.ts'
import { Stage } from './stage.ts'
import { stageEvent } from './stage-event.ts'
import { moveCursor, readCursor } from './table.ts'

export interface IngestParts {
  readonly ledger: Ledger
  readonly runs: ReadonlyMap<string, ActiveRun>
  /** Hosts answered to a run: it may go on. */
  readonly poke: (run: ActiveRun) => void
  readonly keySeen: (event: HostKeySeen) => Promise<void>
  /** The log of the IDC is another one than what was read before. Resolves before anything of it is read. */
  readonly storeLost: (idc: string) => Promise<void>
  /** The IDC is being listened to, perhaps after a long wait. */
  readonly opened: (idc: string) => void
  readonly after: After
  /** A run that a client began is taken up before anything is read that controllers say of it. */
  readonly adopt: (idc: string, runId: string) => Promise<void>
  /** What this controller reports does not count any more. */
  readonly isRevoked: (name: string) => boolean
}

interface Batch {
  readonly idc: string
  readonly epoch: string
  readonly entries: readonly LogEntry[]
}

/** What waits for the ledger, to be stored in one transaction. */
interface Waiting {
  readonly batches: Batch[]
  events: number
  readonly stored: Promise<void>
}

/** Who waits for the log of an IDC to be stored up to where it ended when it was opened. */
interface CatchingUp {
  readonly until: number
  readonly reached: () => void
}

/** Of one transaction: about 40 ms, in which nobody else is answered. */
const MOST_EVENTS = 1_200
const NOTES_A_BATCH = 5
/** What has been stored is taken out of the log so often. */
const TRIM_EVERY_MS = 10_000
/** An IDC whose engine does not answer for so long is opened while others go on. */
const PATIENCE_MS = 2_000
const OPEN_AGAIN_MS = 1_000

export class Ingest {
  readonly #services: Services
  readonly #parts: IngestParts
  readonly #readers = new Map<string, Promise<Stop>>()
  readonly #open = new Set<string>()
  readonly #endPauses = new Set<() => void>()
  /** Of each IDC that is being opened: open, or waited for long enough. */
  readonly #patience = new Map<string, Promise<void>>()
  /** When the log of an IDC was trimmed last. */
  readonly #trimmed = new Map<string, number>()
  readonly #catchingUp = new Map<string, CatchingUp>()
  #stopped = false
  /** Not yet being stored. */
  #waiting: Waiting | undefined

  constructor(services: Services, parts: IngestParts) {
    this.#services = services
    this.#parts = parts
  }

  /** Whether what is offered there now will be heard of. */
  isListening(idc: string): boolean {
    return this.#open.has(idc)
  }

  /**
   * Resolves when these IDCs are being listened to. One that cannot be reached is waited for once, for 2 s, and not
   * again by everyone who asks: it is opened when it can be, and `opened` says so.
   */
  async listen(idcs: readonly string[]): Promise<void> {
    const missing = idcs.filter((idc) => !this.#open.has(idc))
    if (missing.length > 0) await Promise.all(missing.map((idc) => this.#waitFor(idc)))
  }

  #waitFor(idc: string): Promise<void> {
    const opening = this.#reader(idc)
    const waited = this.#patience.get(idc) ?? this.#inTime(opening)
    this.#patience.set(idc, waited)
    return waited
  }

  async #inTime(opening: Promise<unknown>): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const endWait = this.#parts.after(PATIENCE_MS, resolve)
    await Promise.race([opening, late])
    endWait()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const end of this.#endPauses) end()
    // One that is still being opened is closed by whoever closes the engine.
    const open = [...this.#readers].filter(([idc]) => this.#open.has(idc))
    await Promise.allSettled(open.map(async ([, reader]) => (await reader)()))
  }

  #reader(idc: string): Promise<Stop> {
    const known = this.#readers.get(idc)
    if (known) return known
    const reader = this.#keepOpening(idc)
    this.#readers.set(idc, reader)
    return reader
  }

  async #keepOpening(idc: string): Promise<Stop> {
    for (;;) {
      try {
        const stop = await this.#openLog(idc)
        if (this.#stopped) {
          await stop()
          return stop
        }
        this.#open.add(idc)
        this.#patience.delete(idc)
        this.#parts.opened(idc)
        return stop
      } catch (error) {
        if (this.#stopped) return async () => {}
        this.#services.log.error(
          { err: error, idc },
          'the log of an IDC could not be opened; trying again',
        )
        await this.#pause(OPEN_AGAIN_MS)
      }
    }
  }

  #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const end = this.#parts.after(ms, resolve)
    const endNow = (): void => {
      end()
      resolve()
    }
    this.#endPauses.add(endNow)
    return promise.finally(() => this.#endPauses.delete(endNow))
  }

  async #openLog(idc: string): Promise<Stop> {
    const { db, engine } = this.#services
    await engine.ensure(idc)
    const { epoch, first, last } = await engine.log.info(idc)
    const cursor = await readCursor(db, idc)
    const isAnother = cursor !== undefined && cursor.epoch !== epoch
    if (isAnother) await this.#parts.storeLost(idc)
    // From now on it is known which log was offered to, also where nothing has been read of it yet.
    if (isAnother || cursor === undefined) await moveCursor(db, { idc, epoch, seq: 0 })
    const after = isAnother ? 0 : (cursor?.seq ?? 0)
    const { promise: caughtUp, resolve: reached } = Promise.withResolvers<void>()
    this.#catchingUp.set(idc, { until: last, reached })
    if (after >= last || first > last) reached()
    let lost = false
    const stop = await engine.log.read(
      idc,
      after,
      (entries) => this.#store(idc, epoch, entries),
      () => {
        lost = true
        reached()
        if (this.#open.has(idc)) void this.#lost(idc)
      },
    )
    this.#endPauses.add(reached)
    // What was offered before and has ended meanwhile must be known before anything is offered again.
    await caughtUp
    this.#endPauses.delete(reached)
    this.#catchingUp.delete(idc)
    if (!lost) return stop
    await stop()
    throw new Error(`the log of ${idc} was lost while it was being opened`)
  }

  async #lost(idc: string): Promise<void> {
    const { log } = this.#services
    log.error({ idc }, 'the engine has lost its log of an IDC')
    const reader = this.#readers.get(idc)
    this.#readers.delete(idc)
    this.#open.delete(idc)
    // Not the end of it: whoever stops a reader waits for what it is storing.
    await reader?.then((stop) => stop()).catch(() => undefined)
    if (!this.#stopped) void this.#reader(idc)
  }

  /**
   * Resolves when the entries are stored. What other IDCs bring while they wait for their turn goes into the same
   * transaction: with many small runs the waits for the disk, not the rows, are what costs.
   */
  async #store(idc: string, epoch: string, entries: readonly LogEntry[]): Promise<void> {
    for (const runId of begunIn(entries)) {
      if (!this.#parts.runs.has(runId)) await this.#parts.adopt(idc, runId)
    }
    return this.#storeSoon(idc, epoch, entries)
  }

  #storeSoon(idc: string, epoch: string, entries: readonly LogEntry[]): Promise<void> {
    const batch = { idc, epoch, entries }
    const open = this.#waiting
    if (open && open.events + entries.length <= MOST_EVENTS) {
      open.batches.push(batch)
      open.events += entries.length
      return open.stored
    }
    const batches = [batch]
    const stored = this.#parts.ledger.exclusive(() => {
      if (this.#waiting?.batches === batches) this.#waiting = undefined
      return this.#storeAll(batches)
    })
    this.#waiting = { batches, events: entries.length, stored }
    return stored
  }

  async #storeAll(batches: readonly Batch[]): Promise<void> {
    const { clock, log } = this.#services
    const at = clock.now()
    const stages = new Map<string, Stage>()
    const keys: HostKeySeen[] = []
    const late = new Map<string, LogEntry[]>()
    const lateOf = (idc: string): LogEntry[] => {
      const known = late.get(idc) ?? []
      late.set(idc, known)
      return known
    }
    for (const { idc, entries } of batches) {
      for (const entry of entries) {
        const { event } = entry
        const stage = this.#stageOf(stages, event.runId)
        const counts = stage !== undefined && !this.#parts.isRevoked(event.by)
        const outcome = counts ? stageEvent(stage, event, at) : 'late'
        if (outcome === 'late') lateOf(idc).push(entry)
        else if (event.kind === 'host.keySeen') keys.push(event)
        else if (event.kind === 'slice.note') log.info({ event }, 'note of a controller')
      }
    }
    await this.#parts.ledger.commit([...stages.values()], async (trx) => {
      for (const { idc, epoch, entries } of batches) {
        await moveCursor(trx, { idc, epoch, seq: entries.at(-1)?.seq ?? 0 })
      }
    })
    for (const { idc, entries } of batches) {
      const at = entries.at(-1)?.seq ?? 0
      const catchingUp = this.#catchingUp.get(idc)
      if (catchingUp && at >= catchingUp.until) catchingUp.reached()
      this.#trim(idc, at)
    }
    for (const [idc, entries] of late) this.#note(idc, entries)
    for (const key of keys) {
      this.#parts.keySeen(key).catch((error: unknown) => {
        log.error({ err: error, address: key.address }, 'a host key could not be pinned')
      })
    }
    for (const { active } of stages.values()) this.#parts.poke(active)
  }

  /**
   * In the background: a log that is longer than it need be harms nobody. Of a slice that has hosts without an end
   * everything is kept, whether the queue still has it or not: if it is offered again, its history must be there.
   */
  #trim(idc: string, at: number): void {
    const { clock, engine, log } = this.#services
    let upTo = at
    for (const { slices } of this.#parts.runs.values()) {
      for (const slice of slices.values()) {
        if (slice.idc === idc && slice.since > 0) upTo = Math.min(upTo, slice.since - 1)
      }
    }
    if (upTo < 1) return
    const now = clock.monotonic()
    if (now - (this.#trimmed.get(idc) ?? Number.NEGATIVE_INFINITY) < TRIM_EVERY_MS) return
    this.#trimmed.set(idc, now)
    engine.log.trim(idc, upTo).catch((error: unknown) => {
      log.warn({ err: error, idc }, 'the log of an IDC could not be trimmed')
    })
  }

  #stageOf(stages: Map<string, Stage>, runId: string): Stage | undefined {
    const known = stages.get(runId)
    if (known) return known
    const active = this.#parts.runs.get(runId)
    if (!active || active.ended) return undefined
    const stage = new Stage(active)
    stages.set(runId, stage)
    return stage
  }

  /** Late events are worth a line, not a line each: a thawed controller may send thousands. */
  #note(idc: string, late: readonly LogEntry[]): void {
    for (const { seq, event } of late.slice(0, NOTES_A_BATCH)) {
      const { kind, runId, sliceId, fence, by } = event
      const host = 'hostId' in event ? event.hostId : undefined
      this.#services.log.warn(
        { idc, seq, kind, runId, sliceId, fence, by, host },
        'late event, not counted',
      )
    }
    if (late.length > NOTES_A_BATCH) {
      this.#services.log.warn({ idc, events: late.length }, 'late events, not counted')
    }
  }
}

const begunIn = (entries: readonly LogEntry[]): ReadonlySet<string> =>
  new Set(entries.flatMap(({ event }) => directRunOf(event.sliceId) ?? []))
