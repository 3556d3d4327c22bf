// Runs: launch them, watch them, read them, end them.

import type { LaunchPreview, RunDetail, RunView } from '@omserver/api'
import {
  type Action,
  type AnswerMask,
  type Host,
  type Json,
  Problem,
  type Strategy,
  type TableSpec,
  type Text,
} from '@omserver/core'
import { type After, realAfter } from '@omserver/engine'
import type { Actor } from '../actor.ts'
import type { SseEvent } from '../http/index.ts'
import type { Services } from '../services.ts'
import { Adoption } from './adoption.ts'
import { AnswerReader } from './answers.ts'
import { type ParsedLaunch, strategyOf } from './evaluate-launch.ts'
import { Launcher } from './launch.ts'
import { launchHosted } from './launch-hosted.ts'
import { type Confirmation, confirmationOf, maskOf } from './launch-plan.ts'
import type { RunParts } from './ports.ts'
import { previewLaunch } from './preview.ts'
import { RunReader } from './read.ts'
import { recover } from './recover.ts'
import { removeRun } from './remove-run.ts'
import { removeOldRuns } from './retention.ts'
import type { RunRecord } from './run-record.ts'
import { type OnEnded, RunsUnderWay } from './runs-under-way.ts'
import { freshId, type OnceLogin, onceId, RunSecrets } from './secrets.ts'
import { type RerunInput, Steering } from './steer.ts'
import { readCursor } from './table.ts'
import { watchEach } from './watch-each.ts'
import { watchHosts } from './watch-hosts.ts'
import { provideSources } from './with-sources.ts'

/** A run of an action that another slice made: trust, choices of a form field. Grants are checked all the same. */
export interface LaunchAction {
  /** Needed when the action refers to secrets: `run:<id>:<name>`. */
  readonly id?: string
  /** Name under which it is listed, granted and repeated. */
  readonly module: string
  readonly title: Text
  readonly action: Action
  readonly hosts: readonly Host[]
  readonly selector: string
  /** For display; no secrets. */
  readonly params?: Readonly<Record<string, Json>>
  readonly strategy?: Partial<Strategy>
  /** Sealed until the run has ended, by the name in their references. */
  readonly secrets?: ReadonlyMap<string, string>
  /** Instead of each host's own credential. */
  readonly credential?: { readonly id: string; readonly name: string }
  /** Logs in anew with each host's credential, over no connection that is open already. */
  readonly fresh?: boolean
  /** Instead of any credential: used for this run, kept in memory, forgotten with it. By host id, or one for all. */
  readonly onceLogin?: OnceLogin | ReadonlyMap<string, OnceLogin>
  readonly mask?: readonly AnswerMask[]
  readonly table?: TableSpec
  readonly note?: string
  readonly rerunOf?: string
  readonly timeoutMs?: number
  /** undefined: as many hosts as the selection has, without asking. */
  readonly confirm?: { readonly hosts: number | undefined; readonly dangerous?: Text }
  /** Called once when it has ended, unless the server was restarted meanwhile. */
  readonly onEnded?: OnEnded
}

export interface WatchInput {
  readonly after: number
  readonly output: ReadonlySet<string> | '*'
  readonly form: 'hosts' | 'each'
  readonly signal: AbortSignal
}

export class RunService {
  readonly secrets: RunSecrets
  readonly reader: RunReader
  readonly answers: AnswerReader
  readonly #services: Services
  readonly #parts: RunParts
  readonly #underWay: RunsUnderWay
  readonly #adoption: Adoption
  readonly #launcher: Launcher
  readonly #steering: Steering
  readonly #stopping = new AbortController()

  constructor(services: Services, parts: RunParts, options: { readonly after?: After } = {}) {
    this.#services = services
    this.#parts = parts
    this.secrets = new RunSecrets(services, parts)
    this.#underWay = new RunsUnderWay(services, {
      hosts: parts.hosts,
      secrets: this.secrets,
      after: options.after ?? realAfter,
      provide: (action) => provideSources(parts.sources, action),
      contents: parts.contents,
      isRevoked: (name) => parts.controllers?.isRevoked(name) ?? false,
      controllersOf: async (idc) => (await parts.controllers?.enrolledIn(idc)) ?? [],
      adopt: (idc, runId) => this.#adoption.adopt(idc, runId),
    })
    this.#adoption = new Adoption(services, parts, this.#underWay)
    const launchParts = { ...parts, underWay: this.#underWay, secrets: this.secrets }
    this.reader = new RunReader(services, parts.hosts, this.#underWay)
    this.answers = new AnswerReader(this.reader)
    this.#launcher = new Launcher(services, launchParts)
    this.#steering = new Steering(services, launchParts, this.reader, this.#launcher)
  }

  /** Takes up what the last process left. Before any controller starts. */
  start(): Promise<void> {
    return recover(this.#services, this.#underWay)
  }

  /** Ends nothing: what is under way is taken up at the next start. After the controllers have stopped. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#underWay.close()
  }

  /** Resolves when every run waits for its hosts, and what has ended is put away. For tests. */
  settled(): Promise<void> {
    return this.#underWay.settled()
  }

  preview(actor: Actor, input: ParsedLaunch): Promise<LaunchPreview> {
    return previewLaunch(this.#parts, actor, input)
  }

  async launch(actor: Actor, input: ParsedLaunch): Promise<RunView> {
    const hosted = input.check ? undefined : this.#parts.modules.hosted?.(input.module)
    if (!hosted) return this.#launcher.launch(actor, input)
    const id = input.id ?? this.#services.newId()
    const known = await this.#launcher.known(actor, id, input)
    return known ?? launchHosted(actor, hosted, input, id)
  }

  /** A module of `modules`, which need not be the catalogue, on this host and no other. */
  tryModule(
    actor: Actor,
    trial: Pick<ParsedLaunch, 'module' | 'params'> & {
      readonly host: Host
      readonly modules: RunParts['modules']
    },
  ): Promise<RunView> {
    const { host, modules, module, params } = trial
    const input = { module, params, selector: host.name, check: false, strategy: {}, note: '' }
    return this.#launcher.tryOn(actor, host, { input, modules })
  }

  async launchAction(actor: Actor, input: LaunchAction): Promise<RunView> {
    const id = input.id ?? this.#services.newId()
    const settings = await this.#parts.settings.read()
    const { onceLogin, credential, hosts } = input
    const once = onceLogin && onceLogins(id, onceLogin)
    return this.#launcher.begin(actor, {
      id,
      same: (run: RunRecord) => run.module === input.module && run.selector === input.selector,
      what: {
        module: input.module,
        title: input.title,
        params: input.params ?? {},
        check: false,
        action: input.action,
        mask: maskOf(input.mask),
        table: input.table ?? null,
        dangerous: input.confirm?.dangerous,
        runAs: null,
        strategy: strategyOf(input.strategy ?? {}, input.timeoutMs, settings),
        secrets: input.secrets ?? new Map(),
        problems: [],
      },
      hosts,
      selector: input.selector,
      note: input.note ?? '',
      confirmation: input.confirm
        ? confirmationOf(hosts.length, input.confirm.dangerous, settings.confirmAbove)
        : unasked,
      confirmHosts: input.confirm?.hosts,
      credential: once ? onceId(id) : (credential?.name ?? null),
      credentialOf: (host) => {
        if (!once) {
          const known = credential?.id ?? host.credentialId
          return input.fresh && known !== undefined ? freshId(id, known) : credential?.id
        }
        const own = onceId(id, host.id)
        return once.has(own) ? own : onceId(id)
      },
      rerunOf: input.rerunOf ?? null,
      activity: input.rerunOf ? 'runs.rerun' : 'runs.launch',
      onEnded: input.onEnded,
      keepOnce: once && (() => this.secrets.keepOnce(id, once)),
    })
  }

  /** `then` is called once, when the run has ended; false: it is not under way. */
  whenEnded(runId: string, then: OnEnded): boolean {
    return this.#underWay.whenEnded(runId, then)
  }

  /** What waits in the IDC may be opened by others than before. */
  offerAgain(idc: string): Promise<void> {
    return this.#underWay.offerAgain(idc)
  }

  /** Where the log of the IDC has been stored up to. */
  async storedUpTo(idc: string): Promise<number> {
    return (await readCursor(this.#services.db, idc))?.seq ?? 0
  }

  /** Ids of the runs under way that copy this content. */
  runsWith(hash: string): readonly string[] {
    return this.#underWay.content.runsWith(hash)
  }

  /** Reads what is said in the IDC, as soon as it can be reached. */
  listen(idc: string): Promise<void> {
    return this.#underWay.ingest.listen([idc])
  }

  /** What a client has begun in an IDC is a run like any other from now on. */
  begunIn(idc: string, runId: string): Promise<void> {
    return this.#adoption.heard(idc, runId)
  }

  /** A client wants the end of a run there. */
  abortedIn(idc: string, runId: string): Promise<void> {
    return this.#adoption.aborted(idc, runId)
  }

  abort(actor: Actor, runId: string): Promise<RunView> {
    return this.#steering.abort(actor, runId)
  }

  rerun(actor: Actor, runId: string, input: RerunInput): Promise<RunView> {
    return this.#steering.rerun(actor, runId, input)
  }

  async show(actor: Actor, runId: string): Promise<RunDetail> {
    const detail = await this.reader.show(actor, runId)
    const { controllers } = this.#parts
    if (!controllers || detail.endedAt !== null || detail.counts.queued === 0) return detail
    const waitsFor = await Promise.all(
      detail.idcs.map(async ({ idc }) => {
        const trouble = await controllers.whyWaiting(idc)
        return trouble && { idc, ...trouble }
      }),
    )
    return { ...detail, waitsFor: waitsFor.filter((one) => one !== undefined) }
  }

  /** Throws Problem RUN_UNKNOWN at once; the events follow. */
  async watch(actor: Actor, runId: string, input: WatchInput): Promise<AsyncIterable<SseEvent>> {
    const { reader } = this
    const first = await reader.record(runId)
    const mayOf = await reader.mayFor(actor, first)
    const run = await reader.record(runId)
    const watch = {
      db: this.#services.db,
      run,
      mayOf,
      after: input.after,
      output: input.output,
      encodingOf: (hostId: string) => reader.encodingOf(hostId),
      signal: input.signal,
    }
    const follow = input.form === 'each' ? watchEach : watchHosts
    const { live, active } = this.#underWay
    const wants = { output: input.output === '*' || input.output.size > 0 }
    return (async function* () {
      const now = active.get(runId)
      if (!now || now.ended) {
        yield* follow({ ...watch, run: await reader.record(runId) }, undefined)
        return
      }
      const feed = live.join(now.snapshot(), wants)
      try {
        yield* follow(watch, feed)
      } finally {
        live.leave(feed, wants)
      }
    })()
  }

  /** Throws Problem RUN_UNKNOWN, RUN_NOT_ENDED. */
  async remove(actor: Actor, runId: string): Promise<void> {
    const run = await this.reader.record(runId)
    if (!this.reader.isOver(run)) throw new Problem('RUN_NOT_ENDED', { run: runId })
    await removeRun(this.#services.db, runId)
    await this.#services.activity.record(actor, {
      what: 'runs.remove',
      subject: `${run.module} ${runId}`,
      before: { selector: run.selector.slice(0, 1000), state: run.state, counts: run.counts },
    })
  }

  removeOld(): Promise<number> {
    return removeOldRuns(this.#services, this.#parts.settings, this.#stopping.signal)
  }
}

const unasked: Confirmation = { needed: false, reason: null }

const onceLogins = (
  runId: string,
  login: OnceLogin | ReadonlyMap<string, OnceLogin>,
): ReadonlyMap<string, OnceLogin> =>
  login instanceof Map
    ? new Map([...login].map(([hostId, own]) => [onceId(runId, hostId), own as OnceLogin]))
    : new Map([[onceId(runId), login as OnceLogin]])
