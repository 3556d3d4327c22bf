// Reads runs: those under way from memory, the others from the database, both in the same words.

import type { HostResultView, RunDetail, RunView } from '@omserver/api'
import {
  type Host,
  isRunEnd,
  type LeafAction,
  leavesOf,
  Problem,
  previewAction,
} from '@omserver/core'
import { can } from '../access/index.ts'
import type { Actor } from '../actor.ts'
import type { Services } from '../services.ts'
import { type HostRow, viewOfHost } from './host-row.ts'
import { isOwn, mayOf, maySteer, maySteerSurely } from './may.ts'
import { turnTaker } from './next-turn.ts'
import type { RunHosts } from './ports.ts'
import { hostInRuns, pageOfHosts, type ResultFilter } from './results-table.ts'
import { PREPARING, type RunRecord, recordOf, viewOfRun } from './run-record.ts'
import type { RunsUnderWay } from './runs-under-way.ts'
import { neededAgain } from './secret-refs.ts'
import { findRun, lastDurations, pageOfRuns, type RunFilter } from './table.ts'

const ROWS_A_READ = 1_000
const USUAL_RUNS = 20

type RunListItem = RunView & { readonly host?: HostResultView }

export class RunReader {
  readonly services: Services
  readonly #hosts: RunHosts
  readonly #underWay: RunsUnderWay

  constructor(services: Services, hosts: RunHosts, underWay: RunsUnderWay) {
    this.services = services
    this.#hosts = hosts
    this.#underWay = underWay
  }

  /** With the counts of this moment. Throws Problem RUN_UNKNOWN. */
  async record(runId: string): Promise<RunRecord> {
    const active = this.#underWay.active.get(runId)
    if (active) return active.snapshot()
    const row = await findRun(this.services.db, runId)
    // It may have ended, or begun, while the database answered.
    const now = this.#underWay.active.get(runId)
    if (now) return now.snapshot()
    if (!row || row.state === PREPARING) throw new Problem('RUN_UNKNOWN', { run: runId })
    return recordOf(row)
  }

  async list(
    actor: Actor,
    filter: RunFilter,
    page: { readonly cursor?: string; readonly limit: number },
  ): Promise<{ items: RunListItem[]; next: string | null }> {
    const rows = await pageOfRuns(this.services.db, filter, {
      limit: page.limit + 1,
      before: page.cursor === undefined ? undefined : keyOf(page.cursor),
    })
    const shown = rows.slice(0, page.limit)
    const last = shown.at(-1)
    const hostOf = await this.#hostIn(shown, filter.hostId)
    return {
      items: shown.map((row) => {
        const run = this.#underWay.active.get(row.id)?.snapshot() ?? recordOf(row)
        const host = hostOf(row.id)
        return {
          ...viewOfRun(run, mayOf(run, maySteerSurely(run, actor))),
          ...(host === undefined ? {} : { host: viewOfHost(host) }),
        }
      }),
      next: rows.length > page.limit && last ? `${last.created_at}.${last.id}` : null,
    }
  }

  /** How the host that was asked for stands in each of these runs. */
  async #hostIn(
    runs: readonly { readonly id: string }[],
    hostId: string | undefined,
  ): Promise<(runId: string) => HostRow | undefined> {
    if (hostId === undefined || runs.length === 0) return () => undefined
    const stored = await hostInRuns(
      this.services.db,
      hostId,
      runs.map(({ id }) => id),
    )
    return (runId) => {
      const active = this.#underWay.active.get(runId)
      return active?.hosts[active.positionOf.get(hostId) ?? -1] ?? stored.get(runId)
    }
  }

  async show(actor: Actor, runId: string): Promise<RunDetail> {
    const run = await this.record(runId)
    const may = await this.mayFor(actor, run)
    return {
      ...viewOfRun(run, may(run)),
      action: run.action as RunDetail['action'],
      preview: run.action === null ? '' : previewAction(run.action),
      table: run.table as RunDetail['table'],
      tellsTasks: run.action !== null && leavesOf(run.action).some(tellsTasks),
      projects: projectsOf(run),
      secrets: [...neededAgain(run.action)],
      waitsFor: [],
      usualMs: median(await lastDurations(this.services.db, run.module, USUAL_RUNS)),
    }
  }

  /** What the actor may do with the run, now and when it will have ended. */
  async mayFor(actor: Actor, run: RunRecord): Promise<(run: RunRecord) => RunView['may']> {
    let steer = can(actor, 'run.steer') && (actor.role === 'admin' || isOwn(run, actor))
    if (!steer && actor.grants.length > 0) {
      const rows = await this.allHosts(run.id)
      const hosts = await this.known(rows)
      // Of a host that has been deleted nobody can say whether it was granted.
      steer =
        hosts.length === rows.length && maySteer(run, actor, hosts, await this.#hosts.groups())
    }
    return (now) => mayOf(now, steer)
  }

  isOver(run: RunRecord): boolean {
    return run.state !== PREPARING && isRunEnd(run.state)
  }

  /** Every host of a run in its last attempt, by position. */
  async allHosts(runId: string): Promise<readonly HostRow[]> {
    const rows: HostRow[] = []
    for await (const page of this.lastAttempts(runId)) rows.push(...page)
    return rows
  }

  /** The hosts of a run in their last attempts, in pages; those of a run under way as they are now. */
  async *lastAttempts(runId: string): AsyncGenerator<readonly HostRow[]> {
    const active = this.#underWay.active.get(runId)
    if (!active) {
      yield* this.pages(runId, { lastAttempt: true })
      return
    }
    const rows = [...active.hosts]
    const turn = turnTaker(() => this.services.clock.monotonic())
    for (let from = 0; from < rows.length; from += ROWS_A_READ) {
      yield rows.slice(from, from + ROWS_A_READ)
      await turn()
    }
  }

  /** Rows in pages, by position, with turns for everybody else in between. */
  async *pages(runId: string, filter: ResultFilter): AsyncGenerator<readonly HostRow[]> {
    const turn = turnTaker(() => this.services.clock.monotonic())
    let after: HostRow | undefined
    for (;;) {
      const page = await pageOfHosts(this.services.db, runId, filter, { limit: ROWS_A_READ, after })
      if (page.length > 0) yield page
      if (page.length < ROWS_A_READ) return
      after = page.at(-1)
      await turn()
    }
  }

  /** The hosts of these rows that are still there. */
  async known(rows: readonly HostRow[]): Promise<readonly Host[]> {
    const all = new Map((await this.#hosts.all()).map((host) => [host.id, host]))
    return rows.flatMap((row) => all.get(row.host_id) ?? [])
  }

  /** How a host's output is read: as its setting is today, so that a wrong one can be put right. */
  async encodingOf(hostId: string): Promise<string | undefined> {
    return (await this.#hosts.byId(hostId))?.encoding
  }
}

const tellsTasks = ({ kind }: LeafAction): boolean => kind === 'playbook' || kind === 'state'

const projectsOf = ({ action }: RunRecord): RunDetail['projects'] =>
  (action === null ? [] : leavesOf(action)).flatMap((leaf) =>
    leaf.kind === 'playbook' && leaf.source
      ? [
          {
            name: leaf.project,
            commit: leaf.source.commit ?? null,
            sha256: leaf.source.blob,
            bytes: leaf.source.size,
          },
        ]
      : [],
  )

const keyOf = (cursor: string): { at: number; id: string } => {
  const dot = cursor.indexOf('.')
  return { at: Number(cursor.slice(0, dot)) || 0, id: cursor.slice(dot + 1) }
}

const median = (values: readonly number[]): number | null => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? null
}
