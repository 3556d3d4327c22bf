// Launches a run: everything is checked first, then the run is stored as a whole, then it begins.

import type { RunView } from '@omserver/api'
import {
  type Action,
  cutSlices,
  driverFor,
  type Host,
  idcOf,
  isWhole,
  Problem,
  requireMayRun,
} from '@omserver/core'
import type { Actor } from '../actor.ts'
import type { Db, Services } from '../services.ts'
import { evaluateLaunch, type ParsedLaunch, requireParams } from './evaluate-launch.ts'
import {
  batchesOf,
  type Confirmation,
  confirmationOf,
  idcCounts,
  requireConfirmed,
  requireDrivers,
  requireMayUse,
  type WhatToRun,
} from './launch-plan.ts'
import { mayOf } from './may.ts'
import { nextTurn } from './next-turn.ts'
import type { RunParts } from './ports.ts'
import { removeRun } from './remove-run.ts'
import { PREPARING, type RunRecord, recordOf, viewOfRun } from './run-record.ts'
import type { OnEnded, RunsUnderWay } from './runs-under-way.ts'
import type { RunSecrets } from './secrets.ts'
import { storeRun } from './store-run.ts'
import { findRun } from './table.ts'
import { provideSources, withSources } from './with-sources.ts'

export interface LaunchParts extends RunParts {
  readonly underWay: RunsUnderWay
  readonly secrets: RunSecrets
}

/** A checked wish: what to run, on which hosts, on whose behalf. */
export interface Launch {
  readonly id: string
  /** Whether a run that has this id already is this very wish, sent twice. */
  readonly same: (run: RunRecord) => boolean
  readonly what: WhatToRun
  readonly hosts: readonly Host[]
  readonly selector: string
  readonly note: string
  readonly confirmation: Confirmation
  readonly confirmHosts: number | undefined
  /** As the person named it. */
  readonly credential: string | null
  readonly credentialOf: (host: Host) => string | undefined
  readonly rerunOf: string | null
  /** For the activity log: a route id. */
  readonly activity: string
  readonly onEnded?: OnEnded
  /** Kept in memory only, from before the run begins. */
  readonly keepOnce?: () => void
}

/** What is tried, and where it is to be found instead of in the catalogue. */
interface Trial {
  readonly input: ParsedLaunch
  readonly modules: RunParts['modules']
}

export class Launcher {
  readonly #services: Services
  readonly #parts: LaunchParts
  /** Being stored, so that a request sent twice waits for the first. */
  readonly #storing = new Map<string, Promise<RunView>>()
  #turn: Promise<void> = Promise.resolve()

  constructor(services: Services, parts: LaunchParts) {
    this.#services = services
    this.#parts = parts
  }

  async launch(actor: Actor, input: ParsedLaunch): Promise<RunView> {
    // One of fifty that come at once is worked out a turn; whoever asks for something else is answered in between.
    this.#turn = this.#turn.then(nextTurn)
    await this.#turn
    const id = input.id ?? this.#services.newId()
    const same = (run: RunRecord): boolean =>
      isOf(run, input) && sameParams(run.params, input.params)
    const known = await this.#known(actor, id, same)
    if (known) return known
    const { hosts, settings } = this.#parts
    const what = await this.#whatOf(actor, await evaluateLaunch(this.#parts, input, id))
    const { hosts: matched, unknown } = await hosts.select(input.selector)
    if (unknown.length > 0) throw new Problem('SELECTOR_UNKNOWN_NAMES', { names: [...unknown] })
    const credential = await this.#credential(input.credential)
    const fleet = { hosts: await hosts.all(), groups: await hosts.groups() }
    requireMayUse(actor, what.module, credential, fleet)
    const { confirmAbove } = await settings.read()
    return this.begin(actor, {
      id,
      same,
      what,
      hosts: matched,
      selector: input.selector,
      note: input.note,
      confirmation: confirmationOf(matched.length, what.dangerous, confirmAbove),
      confirmHosts: input.confirmHosts,
      credential: credential?.name ?? null,
      credentialOf: () => credential?.id,
      rerunOf: null,
      activity: 'runs.launch',
    })
  }

  /** The run of a module with parameters of its own, when this is the request that made it, sent again. */
  known(actor: Actor, id: string, input: ParsedLaunch): Promise<RunView | undefined> {
    return this.#known(actor, id, (run) => isOf(run, input))
  }

  /** A module that the catalogue need not have, on one host: a draft is tried so. */
  async tryOn(actor: Actor, host: Host, trial: Trial): Promise<RunView> {
    const id = this.#services.newId()
    const parts = { ...this.#parts, modules: trial.modules }
    const what = await this.#whatOf(actor, await evaluateLaunch(parts, trial.input, id))
    return this.begin(actor, {
      id,
      same: () => false,
      what,
      hosts: [host],
      selector: host.name,
      note: trial.input.note,
      confirmation: { needed: false, reason: null },
      confirmHosts: undefined,
      credential: null,
      credentialOf: () => undefined,
      rerunOf: null,
      activity: 'customModules.try',
    })
  }

  /** Checks what holds for every run, stores it and lets it begin. */
  async begin(actor: Actor, launch: Launch): Promise<RunView> {
    const { id, what, hosts, selector } = launch
    if (hosts.length === 0) throw new Problem('SELECTOR_EMPTY', { selector })
    requireMayRun(actor, what.module, hosts, await this.#parts.hosts.groups())
    requireDrivers(what.action, hosts)
    await this.#requireRoom(what.action, hosts)
    const batches = batchesOf(hosts.length, what.strategy)
    requireConfirmed(launch.confirmation, hosts.length, launch.confirmHosts)
    await this.#parts.underWay.content.require(what.action)
    const known = await this.#known(actor, id, launch.same)
    if (known) return known
    await provideSources(this.#parts.sources, what.action)
    const storing = this.#storing.get(id)
    if (storing) return storing
    const run: RunRecord = {
      id,
      module: what.module,
      moduleTitle: what.title,
      params: what.params,
      selector,
      check: what.check,
      strategy: what.strategy,
      runAs: what.runAs,
      credential: launch.credential,
      note: launch.note,
      action: what.action,
      mask: what.mask,
      table: what.table,
      state: 'queued',
      stopReason: null,
      total: hosts.length,
      counts: null,
      changed: 0,
      batches,
      idcs: idcCounts(hosts),
      batch: 0,
      startedBy: actor.name,
      actorId: actor.id,
      rerunOf: launch.rerunOf,
      outputBytes: 0,
      rev: 0,
      createdAt: this.#services.clock.now(),
      startedAt: null,
      endedAt: null,
      begun: null,
    }
    const stored = this.#store(actor, launch, run).finally(() => this.#storing.delete(id))
    this.#storing.set(id, stored)
    return stored
  }

  async #store(actor: Actor, launch: Launch, run: RunRecord): Promise<RunView> {
    const { hosts, what } = launch
    launch.keepOnce?.()
    const active = await storeRun(
      this.#services,
      { ...this.#parts, together: this.#parts.underWay.together },
      {
        run,
        hosts,
        secrets: what.secrets,
        credentialOf: launch.credentialOf,
        record: (trx) => this.#record(actor, launch, run, trx),
      },
    )
    this.#parts.underWay.begin(active, launch.onEnded)
    return viewOfRun(active.snapshot(), mayOf(active.run, true))
  }

  /** Of what is never cut all hosts of an IDC must find room in one slice. Throws Problem ACTION_TOO_LARGE. */
  async #requireRoom(action: Action | null, hosts: readonly Host[]): Promise<void> {
    if (action === null || !isWhole(action)) return
    const targets = await this.#parts.hosts.targetsOf(hosts, {})
    cutSlices({
      hosts: targets.flatMap((target, index) => {
        const host = hosts[index]
        return host ? [{ target, idc: idcOf(host), driver: driverFor(host.driver, action) }] : []
      }),
      concurrency: hosts.length,
      actionBytes: Buffer.byteLength(JSON.stringify(action)),
      whole: true,
    })
  }

  async #whatOf(actor: Actor, what: WhatToRun): Promise<WhatToRun> {
    requireParams(what)
    return { ...what, action: await withSources(this.#parts.sources, actor, what.action) }
  }

  #record(actor: Actor, launch: Launch, run: RunRecord, within: Db): Promise<void> {
    const entry = {
      what: launch.activity,
      subject: `${run.module} ${run.id}`,
      hosts: launch.hosts.map(({ name }) => name),
      after: {
        selector: run.selector.slice(0, 1000),
        params: run.params,
        check: run.check,
        strategy: run.strategy,
        runAs: run.runAs,
        credential: run.credential,
        rerunOf: run.rerunOf,
        note: run.note,
      },
    }
    return this.#services.activity.record(actor, entry, within)
  }

  /** The run that has this id already; undefined: none. Throws Problem RUN_ID_TAKEN for somebody else's. */
  async #known(
    actor: Actor,
    id: string,
    same: (run: RunRecord) => boolean,
  ): Promise<RunView | undefined> {
    const storing = this.#storing.get(id)
    if (storing) await storing.catch(() => undefined)
    const active = this.#parts.underWay.active.get(id)
    const row = active ? undefined : await findRun(this.#services.db, id)
    const run = active?.snapshot() ?? (row && recordOf(row))
    if (!run) return undefined
    if (run.state === PREPARING) {
      // Storing it failed, and so did removing it.
      await removeRun(this.#services.db, id)
      return undefined
    }
    if (run.actorId !== actor.id || !same(run)) throw new Problem('RUN_ID_TAKEN', { run: id })
    return viewOfRun(run, mayOf(run, true))
  }

  async #credential(nameOrId: string | undefined) {
    if (!nameOrId) return undefined
    const found = await this.#parts.credentials.find(nameOrId)
    if (!found) throw new Problem('CREDENTIAL_UNKNOWN', { credential: nameOrId })
    return found
  }
}

const isOf = (run: RunRecord, input: ParsedLaunch): boolean =>
  run.module === input.module && run.selector === input.selector && run.check === input.check

/** Secrets cannot be compared: they are not kept. */
const sameParams = (stored: RunRecord['params'], given: ParsedLaunch['params']): boolean =>
  Object.keys(stored).length === Object.keys(given).length &&
  Object.entries(stored).every(
    ([name, value]) =>
      Object.hasOwn(given, name) &&
      (value === '***' || JSON.stringify(value) === JSON.stringify(given[name])),
  )
