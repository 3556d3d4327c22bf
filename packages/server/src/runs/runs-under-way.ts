// The runs under way: each with its pilot, its place in the ledger, and whoever waits for its end.

import type { RunView } from '@omserver/api'
import type { After } from '@omserver/engine'
import { type SharedTransaction, sharedTransaction } from '../db/index.ts'
import { giveBackMemory } from '../give-back-memory.ts'
import type { Services } from '../services.ts'
import type { ActiveRun } from './active-run.ts'
import { ContentUnderWay } from './content-under-way.ts'
import { Ingest } from './ingest.ts'
import { Ledger } from './ledger.ts'
import { Live } from './live.ts'
import { Pilot } from './pilot.ts'
import type { RunContents, RunHosts } from './ports.ts'
import { provideOnce } from './provide-once.ts'
import { viewOfRun } from './run-record.ts'
import type { RunSecrets } from './secrets.ts'
import { endWhatStoreHeld } from './store-loss.ts'
import { openSlices } from './table.ts'

export type OnEnded = (run: RunView) => void | Promise<void>

/** Without a run for so long, nobody notices a collection of garbage. */
const QUIET_MS = 10_000

export class RunsUnderWay {
  readonly active = new Map<string, ActiveRun>()
  readonly ledger: Ledger
  readonly ingest: Ingest
  readonly live: Live
  readonly content: ContentUnderWay
  /** For what many runs store at the same time. */
  readonly together: SharedTransaction
  readonly #pilots = new Map<string, Pilot>()
  readonly #onEnded = new Map<string, OnEnded>()
  readonly #services: Services
  readonly #secrets: RunSecrets
  readonly #after: After
  readonly #provide: ((action: ActiveRun['run']['action']) => Promise<void>) | undefined
  #endTidying = (): void => undefined

  constructor(
    services: Services,
    parts: {
      readonly hosts: RunHosts
      readonly secrets: RunSecrets
      readonly after: After
      /** Before slices are offered: what their action refers to is where controllers find it. */
      readonly provide?: (action: ActiveRun['run']['action']) => Promise<void>
      readonly contents: RunContents | undefined
      readonly isRevoked: (controller: string) => boolean
      readonly controllersOf: (idc: string) => Promise<readonly string[]>
      readonly adopt: (idc: string, runId: string) => Promise<void>
    },
  ) {
    this.#services = services
    this.#secrets = parts.secrets
    this.#after = parts.after
    this.#provide = parts.provide
    this.live = new Live(parts.after)
    this.content = new ContentUnderWay(services, parts.contents, this.active)
    this.together = sharedTransaction(services.db)
    this.ledger = new Ledger(services, (sealed) => this.live.publish(sealed))
    this.ingest = new Ingest(services, {
      ledger: this.ledger,
      runs: this.active,
      poke: (run) => this.#pilots.get(run.id)?.poke(),
      keySeen: (event) => parts.hosts.keySeen(event),
      storeLost: (idc) =>
        endWhatStoreHeld(idc, this.active.values(), {
          services,
          ledger: this.ledger,
          controllersOf: parts.controllersOf,
        }),
      opened: (idc) => {
        for (const [id, run] of this.active) {
          if (run.run.idcs.some((one) => one.idc === idc)) this.#pilots.get(id)?.poke()
        }
      },
      after: parts.after,
      isRevoked: parts.isRevoked,
      adopt: parts.adopt,
    })
  }

  /** The run is stored and complete: it begins. */
  begin(active: ActiveRun, onEnded?: OnEnded): void {
    this.active.set(active.id, active)
    if (onEnded) this.#onEnded.set(active.id, onEnded)
    const provide = provideOnce(async () => this.#provide?.(active.run.action), {
      run: active.id,
      log: this.#services.log,
    })
    const pilot = new Pilot(active, this.#services, {
      ledger: this.ledger,
      together: this.together,
      ingest: this.ingest,
      prepare: async () => {
        await provide()
        return this.content.prepare(active)
      },
      after: this.#after,
      isLoginForgotten: () => this.#secrets.hasForgotten(active.run),
      onEnded: (ended) => this.#land(ended),
    })
    this.#pilots.set(active.id, pilot)
    pilot.poke()
  }

  /** False: the run is not under way. A restart forgets it. */
  whenEnded(runId: string, then: OnEnded): boolean {
    if (!this.active.has(runId)) return false
    const earlier = this.#onEnded.get(runId)
    this.#onEnded.set(runId, async (run) => {
      await earlier?.(run)
      await then(run)
    })
    return true
  }

  pilotOf(runId: string): Pilot | undefined {
    return this.#pilots.get(runId)
  }

  /** Takes back what nobody holds in the IDC, and offers it anew: to others than before. */
  async offerAgain(idc: string): Promise<void> {
    const { db, engine } = this.#services
    for (const active of this.active.values()) {
      const ids = [...active.slices.values()].flatMap((one) => (one.idc === idc ? [one.id] : []))
      if (ids.length === 0) continue
      const taken = new Set(await engine.queue.withdraw(idc, ids))
      const rows = (await openSlices(db, active.id)).filter(({ id }) => taken.has(id))
      for (const row of rows) active.toOfferAgain.set(row.id, row)
      this.#pilots.get(active.id)?.poke()
    }
  }

  /** Resolves when every run waits for its hosts, and what has ended is put away. */
  async settled(): Promise<void> {
    await this.ledger.exclusive(async () => {})
    await Promise.all([...this.#pilots.values()].map((pilot) => pilot.settled()))
  }

  /** Nothing is ended: what is under way is taken up again at the next start. */
  async close(): Promise<void> {
    this.#endTidying()
    await this.ingest.stop()
    await Promise.all([...this.#pilots.values()].map((pilot) => pilot.close()))
    this.live.close()
  }

  async #land(active: ActiveRun): Promise<void> {
    const { run } = active
    const { log } = this.#services
    const onEnded = this.#onEnded.get(run.id)
    this.#onEnded.delete(run.id)
    this.active.delete(run.id)
    this.#secrets.forgetOnce(run.id)
    await this.content.release(active)
    try {
      await onEnded?.(viewOfRun(run, { abort: false, rerun: false }))
    } catch (error) {
      log.error({ err: error, run: run.id }, 'what waited for the end of a run failed')
    }
    this.#pilots.delete(run.id)
    this.#endTidying()
    if (this.active.size > 0) return
    this.#endTidying = this.#after(QUIET_MS, () => {
      if (this.active.size > 0) return
      giveBackMemory().catch((error: unknown) => {
        log.warn({ err: error }, 'memory could not be given back')
      })
    })
  }
}
