// The ansible driver: carries leaves out through ansible-playbook, all hosts of a slice in one process.

import { type HostEnd, isHostLeaf, type PlaybookAction, type Secrets } from '@omserver/core'
import type { Driver, Member, WorkTogether } from '../../driver.ts'
import type { BlobReader } from '../../fed-content.ts'
import { ansibleHealth } from './health.ts'
import { findInstallation, type Installation, type Missing } from './installation.ts'
import { playLeaf } from './leaf-play.ts'
import { playPlaybook } from './playbook-play.ts'
import { createProjectCache, defaultCache } from './project-cache.ts'
import { failed, nothingSent, onStage, seatsOf, startKeeper } from './stage.ts'

export interface AnsibleDriverOptions {
  readonly secrets: Secrets
  /** Where projects and what a copy takes come from. */
  readonly blobs?: BlobReader
  /** The folder that has `ansible-playbook`; OM_ANSIBLE, then PATH, when absent. */
  readonly bin?: string
  /** Where unpacked projects are kept; in the cache of whoever runs the controller when absent. */
  readonly cache?: string
  /** SSH_AUTH_SOCK when absent. */
  readonly agentSocket?: string
  /** Hosts that are the controller's own machine are refused: it is not the server's. */
  readonly noController?: true
  readonly now?: () => number
}

export const ansibleDriver = (options: AnsibleDriverOptions): Driver => {
  const bin = options.bin ?? (process.env.OM_ANSIBLE || undefined)
  const agentSocket = options.agentSocket ?? process.env.SSH_AUTH_SOCK
  const keeper = startKeeper()
  const projects = createProjectCache(options.cache ?? defaultCache(), {
    blobs: options.blobs,
    now: options.now ?? Date.now,
  })
  const closing = new AbortController()
  const plays = new Set<Promise<void>>()
  let known: Promise<Installation | Missing> | undefined

  /** Asked once; again where it was missing: somebody may have installed it. */
  const installation = async (): Promise<Installation | Missing> => {
    known ??= findInstallation(bin)
    const found = await known
    if ('problem' in found) known = undefined
    return found
  }

  const refuseController = ({ host, end }: Member): boolean => {
    if (!options.noController || !host.isController) return false
    const message = 'this host is the machine of the server: this controller cannot act on it'
    end({ state: 'skipped', reason: 'capability', message })
    return true
  }

  const carryOutTogether = async (given: WorkTogether): Promise<void> => {
    const { action } = given
    const members = given.members
      .filter((member) => !refuseController(member))
      .map((member) => ({ ...member, signal: AbortSignal.any([member.signal, closing.signal]) }))
    const work = { ...given, members }
    const table = seatsOf(members)
    const endAll = (end: HostEnd): void => {
      for (const seat of table.seats) seat.end(end)
    }
    for (const seat of table.seats) if (seat.member.signal.aborted) seat.end(nothingSent)
    if (table.over.aborted) return
    if (!isHostLeaf(action) && action.kind !== 'playbook') {
      const message = `this driver cannot carry out "${action.kind}"`
      endAll({ state: 'skipped', reason: 'capability', message })
      return
    }
    const found = await Promise.race([
      installation(),
      aborted(table.seats.map((seat) => seat.member.signal)),
    ])
    if (found === undefined) {
      endAll(nothingSent)
      return
    }
    if ('problem' in found) {
      endAll(failed(found.problem))
      return
    }
    const { playbook, python } = found
    const begun = await keeper.enter(table.over)
    if (begun === undefined) return
    try {
      await onStage(
        work,
        table,
        { secrets: options.secrets, agentSocket, installation: found },
        (stage) =>
          action.kind === 'playbook'
            ? playPlaybook({ ...work, action: action satisfies PlaybookAction }, stage, {
                secrets: options.secrets,
                projects,
                playbook,
                python,
                begun,
              })
            : playLeaf({ ...work, action }, stage, { ...options, playbook, begun }),
      )
    } catch (error) {
      endAll(failed(error instanceof Error ? error.message : 'unknown error'))
    }
    begun()
    endAll(failed('the play ended without a word of this host'))
  }

  /** Is through when all have ended; what is then to be cleared away is, before the driver closes. */
  const tracked = async (work: WorkTogether): Promise<void> => {
    const { promise: allEnded, resolve } = Promise.withResolvers<void>()
    let left = work.members.length
    const members = work.members.map((member) => ({
      ...member,
      end(end: HostEnd) {
        member.end(end)
        if (--left === 0) resolve()
      },
    }))
    const play = carryOutTogether({ ...work, members }).finally(() => plays.delete(play))
    plays.add(play)
    await Promise.race([play, allEnded])
  }

  return {
    name: 'ansible',
    capabilities: { leaves: ['shell', 'script', 'copy', 'playbook'], abort: 'remote' },
    async carryOut({ host, ...work }, report, signal) {
      const { promise, resolve } = Promise.withResolvers<HostEnd>()
      const members = [{ host, report, signal, end: resolve }]
      await tracked({ ...work, sliceId: '', concurrency: 1, members })
      return promise
    },
    carryOutTogether: tracked,
    health: () => ansibleHealth(bin),
    async close() {
      closing.abort('abort')
      await Promise.allSettled(plays)
    },
  }
}

/** Resolves to undefined when all of them are. */
const aborted = (signals: readonly AbortSignal[]): Promise<undefined> =>
  Promise.all(
    signals.map(
      (signal) =>
        new Promise<void>((resolve) => {
          if (signal.aborted) resolve()
          else signal.addEventListener('abort', () => resolve(), { once: true })
        }),
    ),
  ).then(() => undefined)
