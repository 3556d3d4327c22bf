// Brings the hosts of a slice together for a driver that works on many at once: whoever has come to the same leaf
// goes through it with the others, when nobody can come to it any more.

import type { HostEnd } from '@omserver/core'
import type { Driver, HostReport, HostWork, Member, WorkTogether } from './driver.ts'

interface Waiting extends Member {
  readonly work: HostWork
  /** Where its leaf stands in the action; 0 for an action that is one leaf. */
  readonly position: number
}

export interface Lockstep {
  /** Of one host: as `Driver.carryOut`, with the others of the slice. */
  carryOut(work: HostWork, report: HostReport, signal: AbortSignal): Promise<HostEnd>
  /** A host that comes to no further leaf. */
  leave(hostId: string): void
}

type CarryOutTogether = NonNullable<Driver['carryOutTogether']>

export const createLockstep = (
  carryOutTogether: CarryOutTogether,
  of: {
    readonly sliceId: string
    readonly concurrency: number
    readonly hostIds: readonly string[]
  },
): Lockstep => {
  /** Hosts that are on their way to a leaf. */
  const coming = new Set(of.hostIds)
  const waiting = new Map<string, Waiting>()

  const start = async (members: readonly Waiting[]): Promise<void> => {
    const [first] = members
    if (!first) return
    const { host: _, detached: __, ...work } = first.work
    const together: WorkTogether = {
      ...work,
      sliceId: of.sliceId,
      members,
      concurrency: Math.max(1, Math.min(of.concurrency, members.length)),
    }
    let message = 'the driver said nothing of this host'
    try {
      await carryOutTogether(together)
    } catch (error) {
      message = error instanceof Error ? error.message : String(error)
    }
    // Of those that have ended nothing more is heard.
    for (const member of members) member.end({ state: 'failed', reason: 'driverError', message })
  }

  const look = (): void => {
    if (coming.size > 0 || waiting.size === 0) return
    const next = Math.min(...[...waiting.values()].map(({ position }) => position))
    const members = of.hostIds.flatMap((hostId) => {
      const one = waiting.get(hostId)
      return one?.position === next ? [one] : []
    })
    for (const { host } of members) waiting.delete(host.hostId)
    for (const { host } of members) coming.add(host.hostId)
    void start(members)
  }

  return {
    carryOut(work, report, signal) {
      const { hostId } = work.host
      // The first end counts: a promise hears of no other.
      return new Promise((end) => {
        const { host, position = 0 } = work
        const one = { host, work, report, signal, position, end }
        coming.delete(hostId)
        waiting.set(hostId, one)
        const onAbort = (): void => {
          if (waiting.get(hostId) !== one) return
          waiting.delete(hostId)
          coming.add(hostId)
          end({ state: 'failed', reason: 'driverError', message: 'not begun', leftRunning: 'no' })
        }
        if (signal.aborted) return onAbort()
        signal.addEventListener('abort', onAbort)
        look()
      })
    },
    leave(hostId) {
      coming.delete(hostId)
      waiting.delete(hostId)
      look()
    },
  }
}
