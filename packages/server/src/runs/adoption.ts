// Takes up a run that a client began in an IDC, without the server: stored with who and when, and with what the server
// would have said. Its slices are on their way already; what comes of them counts as of any other.

import {
  cutDirect,
  type DirectSlice,
  type Host,
  isRunEnd,
  Problem,
  requireMayRun,
  type TargetHost,
} from '@omserver/core'
import { permissionsOf } from '../access/index.ts'
import type { Actor } from '../actor.ts'
import type { HostResultsTable, SlicesTable } from '../db/index.ts'
import type { BegunRun } from '../direct/index.ts'
import type { Services } from '../services.ts'
import { ActiveRun } from './active-run.ts'
import { type HostRow, untried } from './host-row.ts'
import { maskOf } from './launch-plan.ts'
import type { RunParts } from './ports.ts'
import { writePositions } from './positions.ts'
import { insertHosts } from './results-table.ts'
import { type Begun, type RunRecord, rowOf } from './run-record.ts'
import type { RunsUnderWay } from './runs-under-way.ts'
import { findRun, insertRun, insertSlices } from './table.ts'

/** Not looked at again: it proves nothing, or is nothing of ours. */
const REMEMBERED = 1_000

export class Adoption {
  readonly #services: Services
  readonly #parts: RunParts
  readonly #underWay: RunsUnderWay
  readonly #adopting = new Map<string, Promise<void>>()
  readonly #known = new Set<string>()

  constructor(services: Services, parts: RunParts, underWay: RunsUnderWay) {
    this.#services = services
    this.#parts = parts
    this.#underWay = underWay
  }

  /** It lies there: nobody may have carried out anything of it yet. */
  async heard(idc: string, runId: string): Promise<void> {
    await this.adopt(idc, runId)
    if (this.#underWay.active.has(runId)) await this.#underWay.ingest.listen([idc])
  }

  async aborted(idc: string, runId: string): Promise<void> {
    await this.adopt(idc, runId)
    const active = this.#underWay.active.get(runId)
    if (!active?.run.begun || active.run.begun.idc !== idc) return
    const client = await this.#parts.direct?.abortOf(idc, runId)
    if (client === undefined || active.run.stopReason === 'aborted') return
    const actor = await this.#actorOf(idc, client, undefined)
    await this.#services.activity.record(actor, {
      what: 'runs.abort',
      subject: `${active.run.module} ${runId}`,
    })
    await this.#underWay.pilotOf(runId)?.stop('aborted')
  }

  /** Resolves when the run is stored, or when it is known that there is none to store. */
  adopt(idc: string, runId: string): Promise<void> {
    if (this.#underWay.active.has(runId) || this.#known.has(runId)) return Promise.resolve()
    const open = this.#adopting.get(runId)
    if (open) return open
    const adopting = this.#adopt(idc, runId).finally(() => this.#adopting.delete(runId))
    this.#adopting.set(runId, adopting)
    return adopting
  }

  #remember(runId: string): void {
    this.#known.add(runId)
    const [oldest] = this.#known
    if (this.#known.size > REMEMBERED && oldest !== undefined) this.#known.delete(oldest)
  }

  async #adopt(idc: string, runId: string): Promise<void> {
    const row = await findRun(this.#services.db, runId)
    // One that is under way has been taken up at the start; of one that has ended nothing counts any more.
    if (row) return isRunEnd(row.state as never) ? this.#remember(runId) : undefined
    const begun = await this.#parts.direct?.begunRun(idc, runId)
    if (!begun) return this.#remember(runId)
    const active = await this.#store(idc, begun)
    this.#underWay.begin(active)
    this.#services.log.info(
      { run: runId, idc },
      'a run that was begun in its IDC has been taken up',
    )
  }

  async #store(idc: string, { submission, certificate, userId }: BegunRun): Promise<ActiveRun> {
    const { services, parts } = { services: this.#services, parts: this.#parts }
    const { runId, client, at, module, hosts: named } = submission
    const actor = await this.#actorOf(idc, client, userId)
    const entry = await parts.modules.find(module)
    const known = await Promise.all(named.map(({ hostId }) => parts.hosts.byId(hostId)))
    const hosts = known.filter((host) => host !== undefined)
    const groups = await parts.hosts.groups()
    const begun: Begun = {
      idc,
      client,
      certificate,
      at,
      objection: objectionTo(actor, { idc, client, userId, module, hosts, groups }),
    }
    const run: RunRecord = {
      id: runId,
      module,
      moduleTitle: entry?.title ?? { zh: module, en: module },
      params: submission.params,
      selector: submission.selector,
      check: submission.check,
      strategy: submission.strategy,
      runAs: null,
      credential: null,
      note: '',
      action: submission.action,
      mask: maskOf(entry?.mask),
      table: entry?.table ?? null,
      state: 'queued',
      stopReason: null,
      total: named.length,
      counts: null,
      changed: 0,
      batches: [named.length],
      idcs: [{ idc, hosts: named.length }],
      batch: 0,
      startedBy: actor.name,
      actorId: actor.id,
      rerunOf: null,
      outputBytes: 0,
      rev: named.length,
      createdAt: services.clock.now(),
      startedAt: null,
      endedAt: null,
      begun,
    }
    const slices = cutDirect(submission)
    const targets = new Map(
      (await parts.hosts.targetsOf(hosts, {})).map((target) => [target.hostId, target]),
    )
    const rows = hostRows(run, named, known, slices)
    await services.db.transaction().execute(async (trx) => {
      await insertRun(trx, rowOf(run))
      await insertHosts(
        trx,
        rows.map(
          (row): HostResultsTable => ({
            ...row,
            target: JSON.stringify(targets.get(row.host_id) ?? unknownTarget(row)),
          }),
        ),
      )
      await insertSlices(
        trx,
        slices.map((slice) => sliceRow(run, slice, services.clock.now())),
      )
      await services.activity.record(
        actor,
        {
          what: 'runs.begunInIdc',
          subject: `${module} ${runId}`,
          hosts: named.map(({ name }) => name),
          after: {
            selector: run.selector.slice(0, 1000),
            params: run.params,
            check: run.check,
            strategy: run.strategy,
            begun,
          },
        },
        trx,
      )
    })
    return activeOf(run, rows, slices)
  }

  /** The user whose rights the client has; where it has none any more, the client itself. */
  async #actorOf(idc: string, client: string, userId: string | undefined): Promise<Actor> {
    const { accounts } = this.#parts
    const via = `direct:${client}`
    const account = userId === undefined ? undefined : await accounts?.byId(userId)
    if (account && accounts) {
      const actor = await accounts.actorOf(account, via, idc)
      return account.disabled ? { ...actor, permissions: new Set() } : actor
    }
    const nobody = { role: 'viewer', permissions: permissionsOf('viewer'), grants: [] } as const
    return { id: null, name: client, ...nobody, via, from: idc }
  }
}

const objectionTo = (
  actor: Actor,
  of: {
    readonly idc: string
    readonly client: string
    readonly userId: string | undefined
    readonly module: string
    readonly hosts: readonly Host[]
    readonly groups: ReadonlyMap<string, string>
  },
): Begun['objection'] => {
  try {
    if (of.userId === undefined) {
      throw new Problem('DIRECT_NOT_ALLOWED', { client: of.client, idc: of.idc })
    }
    requireMayRun(actor, of.module, of.hosts, of.groups)
    return null
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { code: error.code, details: error.details }
  }
}

const hostRows = (
  run: RunRecord,
  named: BegunRun['submission']['hosts'],
  known: readonly (Host | undefined)[],
  slices: readonly DirectSlice[],
): readonly HostRow[] => {
  const sliceOf = new Map(
    slices.flatMap(({ sliceId, positions }) => positions.map((position) => [position, sliceId])),
  )
  return named.map(
    ({ hostId, name, driver }, position): HostRow => ({
      run_id: run.id,
      host_id: hostId,
      attempt: 1,
      position,
      name,
      // It may have been removed since.
      address: known[position]?.address ?? '',
      idc: run.begun?.idc ?? '',
      driver,
      batch: 0,
      slice_id: sliceOf.get(position) ?? null,
      ...untried,
      rev: position + 1,
    }),
  )
}

const unknownTarget = ({ host_id, name }: HostRow): TargetHost => ({
  hostId: host_id,
  name,
  access: { address: '', port: 22 },
  jumps: [],
  vars: { 'host.name': name },
})

const sliceRow = (run: RunRecord, slice: DirectSlice, at: number): SlicesTable => ({
  id: slice.sliceId,
  run_id: run.id,
  idc: run.begun?.idc ?? '',
  driver: slice.driver,
  batch: 0,
  attempt: 1,
  concurrency: slice.concurrency,
  hosts: slice.positions.length,
  positions: writePositions(slice.positions),
  ended_hosts: 0,
  fence: 0,
  offered_at: at,
  ended_at: null,
})

const activeOf = (
  run: RunRecord,
  rows: readonly HostRow[],
  slices: readonly DirectSlice[],
): ActiveRun => {
  const active = new ActiveRun(run, rows)
  for (const { sliceId, concurrency, positions } of slices) {
    active.slices.set(sliceId, {
      id: sliceId,
      idc: run.begun?.idc ?? '',
      concurrency,
      fence: 0,
      since: 0,
      hosts: positions.length,
      remaining: positions.length,
    })
  }
  return active
}
