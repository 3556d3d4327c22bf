// Speaks to the host of a detached command over pooled connections, as often as it takes.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock, HostEnd } from '@omserver/core'
import type { Failure } from '../../failure.ts'
import type { ChannelEnd, ChannelRun, HostChannel } from '../../host-channel.ts'
import { COMMAND_MAX_BYTES, TOO_LONG } from '../../host-program.ts'
import { needsTerminal, wrapRunAs } from '../../run-as.ts'
import { Connection } from './connection.ts'
import type { ConnectionPool, Reach } from './pool.ts'
import { type Start, startOf, startSession } from './session.ts'

export interface SshChannelParts {
  readonly pool: ConnectionPool
  readonly clock: Clock
  readonly newToken: () => string
  /** Read anew each time: a credential may have changed since the last connection. */
  readonly reach: (signal: AbortSignal) => Promise<Reach | Failure>
  readonly roomPatienceMs: number
  readonly onTerms: {
    readonly unreachable: (failure: Failure) => HostEnd
    readonly nothingSent: HostEnd
    readonly refusesSessions: HostEnd
  }
}

const TRIES = 8
const FULL_WAIT_MS = 50

const unsent = (end: HostEnd): ChannelEnd => ({ kind: 'unsent', end })

export const sshChannel = (parts: SshChannelParts): HostChannel => {
  const { pool, clock, newToken, onTerms } = parts

  const startIt = ({ text, input, runAs, password }: ChannelRun): Start =>
    startOf({
      wrapped: wrapRunAs(text, runAs, { hasPassword: password !== undefined, token: newToken() }),
      program: { text, ...(input === undefined ? {} : { stdin: input }) },
      password,
    })

  /** undefined: another connection may do. */
  const runOn = async (
    connection: Connection,
    start: Start,
    { onOutput, signal }: ChannelRun,
  ): Promise<ChannelEnd | 'full' | undefined> => {
    const session = startSession(connection, start, { onOutput })
    const close = (): void => {
      session.withdraw()
      session.drop()
    }
    signal.addEventListener('abort', close, { once: true })
    if (signal.aborted) close()
    const ended = await session.end
    signal.removeEventListener('abort', close)
    switch (ended.kind) {
      case 'exited':
      case 'signalled':
        return { kind: 'exited' }
      case 'cut':
        return { kind: 'cut' }
      case 'barred':
        return { kind: 'barred', message: ended.message }
      case 'denied':
        return unsent({ state: 'failed', reason: 'driverError', message: ended.message })
      case 'full':
        return 'full'
      case 'stale':
        return undefined
    }
  }

  const run = async (work: ChannelRun): Promise<ChannelEnd> => {
    const { signal } = work
    const start = startIt(work)
    if (Buffer.byteLength(start.line) > COMMAND_MAX_BYTES) {
      return unsent({ state: 'failed', reason: 'driverError', message: TOO_LONG })
    }
    const reach = await parts.reach(signal)
    if ('reason' in reach) return unsent(onTerms.unreachable(reach))
    let ready: Promise<void> | undefined
    for (let tries = 0; tries < TRIES && !signal.aborted; tries++) {
      const connection = await pool.reach(reach)
      if (signal.aborted) break
      if (!(connection instanceof Connection)) return unsent(onTerms.unreachable(connection))
      const room = await connection.enter(signal, parts.roomPatienceMs)
      if (room === 'gone') continue
      if (room === 'full') {
        pool.retire(connection)
        tries--
        continue
      }
      let ended: ChannelEnd | 'full' | undefined
      try {
        ready ??= work.beforeSend?.() ?? Promise.resolve()
        await ready
        if (signal.aborted) break
        ended = await runOn(connection, start, work)
      } finally {
        if (ended !== 'full') connection.leave(clock.monotonic())
      }
      if (ended === undefined) continue
      if (ended !== 'full') return ended
      const then = connection.learnLimit(clock.monotonic())
      if (then === 'never') return unsent(onTerms.refusesSessions)
      if (then === 'wait') await sleep(FULL_WAIT_MS, undefined, { signal }).catch(() => undefined)
      else tries--
    }
    return unsent(onTerms.nothingSent)
  }

  return {
    run: (work) =>
      run(work).catch((error: unknown) => {
        const message = error instanceof Error ? error.message.slice(0, 500) : ''
        return unsent({ state: 'failed', reason: 'driverError', message })
      }),
    onTerminal: needsTerminal,
  }
}
