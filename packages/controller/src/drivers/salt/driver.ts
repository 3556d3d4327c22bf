// The salt driver: carries leaves out as jobs of a salt-master, one job for all hosts that do the same.

import type { Clock, EndpointSecrets, HostEnd, Secrets } from '@omserver/core'
import { Problem } from '@omserver/core'
import type { Driver, Member, WorkTogether } from '../../driver.ts'
import type { BlobReader } from '../../fed-content.ts'
import { randomToken } from '../../random-token.ts'
import { createMasters, type Masters } from './masters.ts'
import type { SaltMaster } from './salt-master.ts'
import { notSent, SaltTrouble } from './trouble.ts'
import { windowOf } from './window.ts'

export interface SaltDriverOptions {
  readonly secrets: Pick<Secrets, 'open'> & EndpointSecrets
  /** Where a copy takes content that its action does not carry. */
  readonly blobs?: BlobReader
  readonly clock: Clock
  /** A minion that is silent for so long is asked whether it still runs the job, ms. */
  readonly askMs?: number
  /** `[a-z0-9]{16,}`, never the same twice, not to be guessed. */
  readonly newToken?: () => string
  /** [0, 1) */
  readonly random?: () => number
}

const ASK_MS = 10_000
const ANSWER_MS = 5_000

export const saltDriver = (options: SaltDriverOptions): Driver => {
  const { secrets, blobs } = options
  const masters = createMasters({
    secrets,
    clock: options.clock,
    random: options.random ?? Math.random,
  })
  const newToken = options.newToken ?? randomToken
  const times = { askMs: options.askMs ?? ASK_MS, answerMs: ANSWER_MS }
  const carryWindow = windowOf({ sources: { secrets, blobs }, newToken, times })

  const carryOutThrough = async (
    endpointId: string,
    work: WorkTogether,
    members: readonly Member[],
  ): Promise<void> => {
    const master = await opened(masters, endpointId)
    if ('state' in master) {
      for (const member of members) member.end(master)
      return
    }
    for (let from = 0; from < members.length; from += work.concurrency) {
      await carryWindow(master, work, members.slice(from, from + work.concurrency))
    }
  }

  const carryOutTogether = async (work: WorkTogether): Promise<void> => {
    const byEndpoint = Map.groupBy(work.members, ({ host }) => host.endpointId ?? '')
    await Promise.all(
      [...byEndpoint].map(([endpointId, members]) => carryOutThrough(endpointId, work, members)),
    )
  }

  return {
    name: 'salt',
    capabilities: { leaves: ['shell', 'script', 'copy', 'state', 'call'], abort: 'remote' },
    carryOut: ({ host, detached: _, ...work }, report, signal) =>
      new Promise((resolve) => {
        const members = [{ host, report, signal, end: resolve }]
        carryOutTogether({ ...work, sliceId: '', members, concurrency: 1 }).catch(
          (error: unknown) => resolve(notSent(error)),
        )
      }),
    carryOutTogether,
    health: () => masters.health(),
    close: async () => masters.close(),
  }
}

const opened = async (masters: Masters, endpointId: string): Promise<SaltMaster | HostEnd> => {
  try {
    return await masters.of(endpointId)
  } catch (error) {
    if (error instanceof SaltTrouble) return notSent(error)
    const message =
      error instanceof Problem && error.code === 'ENDPOINT_UNKNOWN'
        ? 'the endpoint of salt-api does not exist any more'
        : 'the endpoint of salt-api could not be read'
    return { state: 'unreachable', reason: 'endpointFailed', message }
  }
}
