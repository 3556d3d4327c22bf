// What a driver needs to carry detached commands: opens what they refer to, and remembers the spools it owes a cleaning.

import { setTimeout as sleep } from 'node:timers/promises'
import { type HostEnd, Problem } from '@omserver/core'
import type { DetachedWork, HostReport } from '../driver.ts'
import type { HostChannel } from '../host-channel.ts'
import type { HostLeafWork } from '../host-leaves.ts'
import { isOpened, type LeafSources, openLeaf, openPassword } from '../opened-leaf.ts'
import { carryOutDetached, type Leftovers } from './carry-out-detached.ts'
import { DEFAULT_SPOOLS, spoolKey } from './spool.ts'

export interface DetachedCarrier {
  carryOut(
    work: HostLeafWork,
    /** Absent: nobody attaches to it but we, for the driver has no other way to hear of it. */
    detached: DetachedWork | undefined,
    channel: HostChannel,
    report: HostReport,
    signal: AbortSignal,
  ): Promise<HostEnd>
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal, ref: false }).catch(() => undefined)

export const createDetachedCarrier = (options: {
  readonly sources: LeafSources
  readonly newToken: () => string
  /** Where accounts have their spool folders on a host. */
  readonly spools?: string
}): DetachedCarrier => {
  const { sources, newToken } = options
  const leftovers: Leftovers = new Map()

  const passwordOf = async (work: HostLeafWork): Promise<{ password?: string } | HostEnd> => {
    try {
      return { password: await openPassword(work.action, sources) }
    } catch (error) {
      const gone = error instanceof Problem && error.code === 'SECRET_MISSING'
      const message = `the password to become the account is ${gone ? 'gone' : 'not to be read'}`
      return { state: 'lost', reason: 'secretMissing', message, leftRunning: 'unknown' }
    }
  }

  return {
    async carryOut(work, detached, channel, report, signal) {
      const { runId, host, action } = work
      const spool = {
        key: detached ? spoolKey(runId, host.hostId, detached.attempt) : newToken(),
        spools: options.spools ?? DEFAULT_SPOOLS,
      }
      const parts = { channel, spool, newToken, pause, leftovers }
      if (detached?.resume) {
        const known = await passwordOf(work)
        if ('state' in known) return known
        const { password } = known
        return carryOutDetached({ ...parts, leaf: undefined, password }, work, report, signal)
      }
      const opened = await openLeaf(action, host, sources)
      if (!isOpened(opened)) return opened
      const { leaf, password } = opened
      return carryOutDetached({ ...parts, leaf, password }, work, report, signal)
    },
  }
}
