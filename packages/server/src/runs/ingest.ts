// Reads the event log of each IDC: what it says and how far it was read are stored in one transaction.

import type { HostKeySeen } from '@omserver/core'
import type { LogEntry, Stop } from '@omserver/engine'
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

/** Of one transaction: about 40 ms, in which nobody else is answered. */
const MOST_EVENTS = 1_200
const NOTES_A_BATCH = 5

export class Ingest {
  readonly #services: Services
  readonly #parts: IngestParts
  readonly #readers = new Map<string, Promise<Stop>>()
  /** Not yet being stored. */
  #waiting: Waiting | undefined

  constructor(services: Services, parts: IngestParts) {
    this.#services = services
    this.#parts = parts
  }

  /** Resolves when the IDC is being listened to; a second call does nothing. */
  async listen(idc: string): Promise<void> {
    let reader = this.#readers.get(idc)
    if (!reader) {
      reader = this.#open(idc)
      this.#readers.set(idc, reader)
      reader.catch(() => this.#readers.delete(idc))
    }
    await reader
  }

  async stop(): Promise<void> {
    const stops = await Promise.allSettled(this.#readers.values())
    await Promise.all(stops.map((stop) => (stop.status === 'fulfilled' ? stop.value() : undefined)))
  }

  async #open(idc: string): Promise<Stop> {
    const { db, engine } = this.#services
    await engine.ensure(idc)
    const { epoch } = await engine.log.info(idc)
    const cursor = await readCursor(db, idc)
    const after = cursor?.epoch === epoch ? cursor.seq : 0
    return engine.log.read(idc, after, (entries) => this.#store(idc, epoch, entries))
  }

  /**
   * Resolves when the entries are stored. What other IDCs bring while they wait for their turn goes into the same
   * transaction: with many small runs the waits for the disk, not the rows, are what costs.
   */
  #store(idc: string, epoch: string, entries: readonly LogEntry[]): Promise<void> {
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
        const outcome = stage === undefined ? 'late' : stageEvent(stage, event, at)
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
    for (const [idc, entries] of late) this.#note(idc, entries)
    for (const key of keys) {
      this.#parts.keySeen(key).catch((error: unknown) => {
        log.error({ err: error, address: key.address }, 'a host key could not be pinned')
      })
    }
    for (const { active } of stages.values()) this.#parts.poke(active)
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
