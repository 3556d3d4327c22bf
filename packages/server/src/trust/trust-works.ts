// Takes work of trust from stage to stage. Where it goes is stored before it goes there, under ids that make the
// same launch twice one run, so that a server that was killed anywhere goes on from there and does nothing twice.

import type { RunView } from '@omserver/api'
import type { Host, Text } from '@omserver/core'
import { permissionsOf } from '../access/index.ts'
import type { Actor } from '../actor.ts'
import type { CredentialService } from '../credentials/index.ts'
import type { Hosts } from '../hosts/index.ts'
import type { LaunchAction, RunService } from '../runs/index.ts'
import type { Services } from '../services.ts'
import { removeKey } from './key-actions.ts'
import { insertWork, removeWork, unfinishedWork, updateWork } from './table.ts'
import { login } from './titles.ts'
import { awaitedRun, type TrustWork, type WorkPlan } from './trust-work.ts'

export interface TrustWorkParts {
  readonly runs: Pick<RunService, 'launchAction' | 'whenEnded' | 'reader'>
  readonly hosts: Pick<Hosts, 'all' | 'setCredential'>
  readonly credentials: Pick<CredentialService, 'find'>
}

/** Long enough for a slow login, short enough for a person to wait for. */
export const TRUST_TIMEOUT_MS = 30_000
/** A server that is killed again and again must not log in to hosts for ever. */
const ROUNDS = 3

const titles = {
  'trust.verify': { zh: '验证密钥登录', en: 'Verify the login with the key' },
  'trust.removeKey': { zh: '轮换密钥：移除旧密钥', en: 'Rotate keys: remove the old key' },
} as const satisfies Record<string, Text>

export class TrustWorks {
  readonly #services: Services
  readonly #parts: TrustWorkParts
  /** Work of this process that is not done, each with what waits for it. */
  readonly #open = new Map<string, PromiseWithResolvers<void>>()
  readonly #busy = new Set<Promise<void>>()
  #stopped = false

  constructor(services: Services, parts: TrustWorkParts) {
    this.#services = services
    this.#parts = parts
  }

  /** Launches the first run; the rest follows by itself. Nothing is kept of work that was refused. */
  async begin(
    plan: WorkPlan,
    launch: (id: string) => Promise<RunView>,
    id = this.#services.newId(),
  ): Promise<RunView> {
    const { db, clock } = this.#services
    const work: TrustWork = { id, stage: 'put', plan, verifyRuns: [], removeRuns: [] }
    await insertWork(db, work, clock.now())
    try {
      const run = await launch(work.id)
      this.#open.set(work.id, Promise.withResolvers())
      this.#await(work)
      return run
    } catch (error) {
      await removeWork(db, work.id)
      throw error
    }
  }

  /** Goes on with what the last process left. After the runs have been taken up, before a controller is there. */
  async resume(): Promise<void> {
    for (const work of await unfinishedWork(this.#services.db)) {
      this.#services.log.warn({ work: work.id, stage: work.stage }, 'trust work is taken up again')
      this.#open.set(work.id, Promise.withResolvers())
      await this.#act(work, () => this.#takeUp(work))
    }
  }

  /** Ends nothing: the next start goes on. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#busy)
  }

  /** Resolves when all work is done. For tests. */
  async settled(): Promise<void> {
    for (const { promise } of [...this.#open.values()]) await promise
  }

  async #takeUp(work: TrustWork): Promise<void> {
    if (work.stage === 'switch') return this.#switch(work)
    if (await this.#stateOf(awaitedRun(work))) return this.#await(work)
    // Nobody was told of a first run that was not stored: what was not begun is not to be gone on with.
    if (work.stage === 'put') return this.#done(work)
    return this.#launch(work)
  }

  #await(work: TrustWork): void {
    const runId = awaitedRun(work)
    const next = () => this.#act(work, () => this.#ended(work))
    if (!this.#parts.runs.whenEnded(runId, next)) void next()
  }

  /** One step; what goes wrong is left as it is stored, for the next start. */
  #act(work: TrustWork, step: () => Promise<void> | void): Promise<void> {
    if (this.#stopped) return Promise.resolve()
    const acting = (async () => {
      try {
        await step()
      } catch (error) {
        this.#services.log.error({ err: error, work: work.id }, 'trust work could not go on')
        this.#close(work)
      }
    })()
    this.#busy.add(acting)
    return acting.finally(() => this.#busy.delete(acting))
  }

  /** The run that the stage waited for has ended. */
  async #ended(work: TrustWork): Promise<void> {
    // What a person has stopped is not gone on with.
    if ((await this.#stateOf(awaitedRun(work))) === 'aborted') return this.#done(work)
    switch (work.stage) {
      case 'put':
        return this.#verify(work)
      case 'verify':
        if (await this.#cutOff(work, work.verifyRuns)) return this.#verify(work)
        return this.#switch(work)
      case 'switch':
        return this.#switch(work)
      case 'remove':
        if (await this.#cutOff(work, work.removeRuns)) return this.#remove(work)
        return this.#done(work)
    }
  }

  #verify(work: TrustWork): Promise<void> {
    const verifyRuns = [...work.verifyRuns, this.#services.newId()]
    return this.#launch({ ...work, stage: 'verify', verifyRuns })
  }

  async #switch(work: TrustWork): Promise<void> {
    const verified = await this.#verified(work)
    if (verified.length === 0 || (await this.#isOtherKeyNow(work))) return this.#done(work)
    const next: TrustWork = { ...work, stage: 'switch' }
    await updateWork(this.#services.db, next)
    const ids = verified.map(({ id }) => id)
    await this.#parts.hosts.setCredential(actorOf(work.plan), ids, work.plan.key.id)
    return work.plan.old === null ? this.#done(next) : this.#remove(next)
  }

  #remove(work: TrustWork): Promise<void> {
    const removeRuns = [...work.removeRuns, this.#services.newId()]
    return this.#launch({ ...work, stage: 'remove', removeRuns })
  }

  /** Of the stage, which is stored first. */
  async #launch(work: TrustWork): Promise<void> {
    const { plan } = work
    const hosts = await this.#due(work)
    if (hosts.length === 0 || (await this.#isOtherKeyNow(work))) return this.#done(work)
    await updateWork(this.#services.db, work)
    const module = work.stage === 'remove' ? 'trust.removeKey' : 'trust.verify'
    const input: LaunchAction = {
      id: awaitedRun(work),
      module,
      title: titles[module],
      action: work.stage === 'remove' && plan.old ? removeKey(plan.old, plan.key) : login,
      hosts,
      selector: plan.selector,
      params: { ...plan.params, of: work.id },
      credential: plan.key,
      // A connection that is open proves nothing about a key that was put there a moment ago.
      fresh: true,
      timeoutMs: TRUST_TIMEOUT_MS,
    }
    await this.#parts.runs.launchAction(actorOf(plan), input)
    this.#await(work)
  }

  /** Hosts for the run that is about to be launched. */
  async #due(work: TrustWork): Promise<readonly Host[]> {
    const earlier = (work.stage === 'remove' ? work.removeRuns : work.verifyRuns).at(-2)
    if (earlier !== undefined) return this.#hostsOf(earlier, ['lost'])
    // How far a host came that was lost while the key was put there, logging in tells.
    return work.stage === 'remove' ? this.#verified(work) : this.#hostsOf(work.id, ['ok', 'lost'])
  }

  async #verified(work: TrustWork): Promise<readonly Host[]> {
    const found = await Promise.all(work.verifyRuns.map((id) => this.#hostsOf(id, ['ok'])))
    return found.flat()
  }

  async #cutOff(work: TrustWork, runs: readonly string[]): Promise<boolean> {
    if (runs.length >= ROUNDS) return false
    return (await this.#hostsOf(awaitedRun(work), ['lost'])).length > 0
  }

  /** As they are today; one that has been deleted is left out. */
  async #hostsOf(runId: string, states: readonly string[]): Promise<readonly Host[]> {
    const rows = await this.#parts.runs.reader.allHosts(runId)
    const ids = new Set(
      rows.filter(({ state }) => states.includes(state)).map((row) => row.host_id),
    )
    return (await this.#parts.hosts.all()).filter(({ id }) => ids.has(id))
  }

  /** Somebody gave the credential another key meanwhile: what was put there and verified is not what it holds. */
  async #isOtherKeyNow({ id, plan }: TrustWork): Promise<boolean> {
    const now = await this.#parts.credentials.find(plan.key.id)
    const other = now?.publicKey !== plan.key.publicKey || now.user !== plan.key.user
    if (other) {
      const { log } = this.#services
      log.warn({ work: id, credential: plan.key.name }, 'the key was changed; trust work ends here')
    }
    return other
  }

  /** undefined: it was never stored. */
  async #stateOf(runId: string): Promise<string | undefined> {
    try {
      return (await this.#parts.runs.reader.record(runId)).state
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'RUN_UNKNOWN')
        return undefined
      throw error
    }
  }

  async #done(work: TrustWork): Promise<void> {
    await removeWork(this.#services.db, work.id)
    this.#close(work)
  }

  #close(work: TrustWork): void {
    this.#open.get(work.id)?.resolve()
    this.#open.delete(work.id)
  }
}

/** What a person may was asked when they began; a run under way does not ask again either. */
const actorOf = ({ actor }: WorkPlan): Actor => ({
  ...actor,
  role: 'admin',
  permissions: permissionsOf('admin'),
  grants: [],
})
