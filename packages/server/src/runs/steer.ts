// Ends a run, and runs one again: whoever may.

import type { RunView, runRoutes } from '@omserver/api'
import { type Host, isEnd, Problem, requireMayRun } from '@omserver/core'
import type { z } from 'zod'
import type { Actor } from '../actor.ts'
import type { Services } from '../services.ts'
import type { HostRow } from './host-row.ts'
import type { Launcher, LaunchParts } from './launch.ts'
import { confirmationOf, requireMayUse } from './launch-plan.ts'
import { isOwn, mayOf } from './may.ts'
import type { RunReader } from './read.ts'
import { type RunRecord, viewOfRun } from './run-record.ts'
import { callerNames, RUN_AS_PASSWORD, secretNames, withRefsOf } from './secret-refs.ts'
import { isOnce } from './secrets.ts'

export type RerunInput = z.output<(typeof runRoutes)['rerun']['body']>

export class Steering {
  readonly #services: Services
  readonly #parts: LaunchParts
  readonly #reader: RunReader
  readonly #launcher: Launcher

  constructor(services: Services, parts: LaunchParts, reader: RunReader, launcher: Launcher) {
    this.#services = services
    this.#parts = parts
    this.#reader = reader
    this.#launcher = launcher
  }

  /** Durable when it resolves; the hosts end as their controllers get to it. Throws Problem RUN_ENDED. */
  async abort(actor: Actor, runId: string): Promise<RunView> {
    const run = await this.#reader.record(runId)
    await this.#requireSteer(actor, run)
    const pilot = this.#parts.underWay.pilotOf(runId)
    if (!pilot || !(await pilot.stop('aborted'))) throw new Problem('RUN_ENDED', { run: runId })
    await this.#services.activity.record(actor, {
      what: 'runs.abort',
      subject: `${run.module} ${runId}`,
    })
    const now = await this.#reader.record(runId)
    return viewOfRun(now, mayOf(now, true))
  }

  /** The stored action, on hosts of the run as they are reached today. */
  async rerun(actor: Actor, runId: string, input: RerunInput): Promise<RunView> {
    const { hosts: directory, modules, settings } = this.#parts
    const run = await this.#reader.record(runId)
    if (!this.#reader.isOver(run)) throw new Problem('RUN_NOT_ENDED', { run: runId })
    await this.#requireSteer(actor, run)
    const id = input.id ?? this.#services.newId()
    const same = (other: RunRecord): boolean => other.rerunOf === runId
    const rows = await this.#chosen(run, input.which)
    if (rows.length === 0) throw new Problem('RERUN_NOTHING', { run: runId })
    const hosts = await this.#today(rows)
    requireMayRun(actor, run.module, hosts, await directory.groups())
    const secrets = secretsOf(run, input)
    const { confirmAbove } = await settings.read()
    const dangerous = run.check ? undefined : (await modules.find(run.module))?.dangerous
    const credential = await this.#credential(run)
    const fleet = { hosts: await directory.all(), groups: await directory.groups() }
    requireMayUse(actor, run.module, credential, fleet)
    return this.#launcher.begin(actor, {
      id,
      same,
      what: {
        module: run.module,
        title: run.moduleTitle,
        params: run.params,
        check: run.check,
        action: run.action && withRefsOf(run.action, id),
        mask: run.mask,
        table: run.table,
        dangerous,
        runAs: run.runAs,
        strategy: run.strategy,
        secrets,
        problems: [],
      },
      hosts,
      selector: rows.length === run.total ? run.selector : namesOf(rows, run.selector),
      note: run.note,
      confirmation: confirmationOf(hosts.length, dangerous, confirmAbove),
      confirmHosts: input.confirmHosts,
      credential: run.credential,
      credentialOf: () => credential?.id,
      rerunOf: runId,
      activity: 'runs.rerun',
    })
  }

  async #requireSteer(actor: Actor, run: RunRecord): Promise<void> {
    if (actor.role === 'admin' || isOwn(run, actor)) return
    const rows = await this.#reader.allHosts(run.id)
    const hosts = await this.#reader.known(rows)
    const { module } = run
    requireMayRun(actor, module, hosts, await this.#parts.hosts.groups())
    if (hosts.length === rows.length) return
    // Of a host that has been deleted nobody can say whether it was granted.
    const ids = new Set(hosts.map(({ id }) => id))
    const gone = rows.filter((row) => !ids.has(row.host_id)).map(({ name }) => name)
    throw new Problem('GRANT_MISSING', { module, hosts: gone.slice(0, 20).join(', ') })
  }

  async #chosen(run: RunRecord, which: RerunInput['which']): Promise<readonly HostRow[]> {
    const all = await this.#reader.allHosts(run.id)
    const ids = new Set(typeof which === 'object' && 'hostIds' in which ? which.hostIds : [])
    const known = new Set(all.map((row) => row.host_id))
    const foreign = [...ids].find((id) => !known.has(id))
    if (foreign !== undefined) throw new Problem('HOST_UNKNOWN', { host: foreign })
    return all.filter((row) => {
      if (which === 'all') return true
      if (which === 'failed') return isEnd(row.state) && row.state !== 'ok'
      if ('states' in which) return which.states.includes(row.state)
      if ('answer' in which) return row.answer === which.answer
      return ids.has(row.host_id)
    })
  }

  /** Throws Problem SELECTOR_UNKNOWN_NAMES for hosts that have been deleted: none is left out in silence. */
  async #today(rows: readonly HostRow[]): Promise<readonly Host[]> {
    const hosts = await this.#reader.known(rows)
    if (hosts.length === rows.length) return hosts
    const ids = new Set(hosts.map(({ id }) => id))
    const names = rows.filter((row) => !ids.has(row.host_id)).map(({ name }) => name)
    throw new Problem('SELECTOR_UNKNOWN_NAMES', { names: names.slice(0, 100) })
  }

  async #credential(run: RunRecord) {
    if (run.credential === null) return undefined
    // A one-time password was forgotten when the run ended: the page that asked for it has to ask again.
    if (isOnce(run.credential)) throw new Problem('SECRET_NEEDED', { names: ['password'] })
    const found = await this.#parts.credentials.find(run.credential)
    if (!found) throw new Problem('CREDENTIAL_UNKNOWN', { credential: run.credential })
    return found
  }
}

/** Throws Problem SECRET_NEEDED {names} for every secret of the action that is not given again. */
const secretsOf = (run: RunRecord, input: RerunInput): ReadonlyMap<string, string> => {
  const given = new Map(Object.entries(input.secrets))
  if (input.runAsPassword) given.set(RUN_AS_PASSWORD, input.runAsPassword)
  const needed = secretNames(run.action)
  const missing = needed.filter((name) => !given.get(name))
  if (missing.length > 0) {
    throw new Problem('SECRET_NEEDED', { names: callerNames(missing) })
  }
  return new Map(needed.map((name) => [name, given.get(name) ?? '']))
}

const SELECTOR_CHARACTERS = 20_000

/** What the new run says it is for: the names, unless they would fill pages. */
const namesOf = (rows: readonly HostRow[], selector: string): string => {
  const names = rows.map(({ name }) => name).join(' ')
  return names.length <= SELECTOR_CHARACTERS ? names : selector
}
