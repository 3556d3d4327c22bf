// The ssh driver: carries leaves out over pooled OpenSSH connections.

import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Access,
  type Clock,
  type HostEnd,
  type HostLeaf,
  type LeftRunning,
  Problem,
  type Secrets,
} from '@omserver/core'
import { copyProgress } from '../../copy-progress.ts'
import { createDetachedCarrier } from '../../detached/detached-carrier.ts'
import type { Driver, HostReport } from '../../driver.ts'
import type { Failure } from '../../failure.ts'
import { type BlobReader, unreadContent } from '../../fed-content.ts'
import { withFetch } from '../../host-fetch.ts'
import { type HostLeafWork, onlyHostLeaves } from '../../host-leaves.ts'
import {
  COMMAND_MAX_BYTES,
  hostProgram,
  programEnd,
  signalEnd,
  TOO_LONG,
} from '../../host-program.ts'
import { createLastWords } from '../../last-words.ts'
import { isOpened, type OpenedWork, openLeaf } from '../../opened-leaf.ts'
import { randomToken } from '../../random-token.ts'
import { needsTerminal, wrapRunAs } from '../../run-as.ts'
import { Connection } from './connection.ts'
import { closesAlways, nothingSent, refusesSessions, unreachable } from './ends.ts'
import { sshChannel } from './host-channel.ts'
import { createLogins } from './login.ts'
import { ConnectionPool, type Hop, type Reach } from './pool.ts'
import { createRunLogins } from './run-logins.ts'
import { type SessionEnd, type Start, startOf, startSession } from './session.ts'
import { isKnownSsh2, ssh2Version } from './ssh-parts.ts'
import { stopSession } from './stop-session.ts'

export interface SshDriverOptions {
  readonly secrets: Secrets
  /** Where a copy takes content that its action does not carry. */
  readonly blobs?: BlobReader
  readonly clock: Clock
  /** Handshakes at a time; each costs this process some 4 ms of CPU. */
  readonly maxHandshakes?: number
  /** A connection that nobody used for so long is closed, ms. */
  readonly idleMs?: number
  /** How often the other side is asked whether it lives, ms; it is given up after three silences. */
  readonly keepaliveMs?: number
  /** SSH_AUTH_SOCK when absent. */
  readonly agentSocket?: string
  /** `[a-z0-9]{16,}`, never the same twice, not to be guessed. */
  readonly newToken?: () => string
  /** Where detached commands keep their spools on a host; see DEFAULT_SPOOLS. */
  readonly spools?: string
}

export interface SshDriver extends Driver {
  /** Connections open now, for health and tests. */
  openConnections(): number
}

/** Times that a connection may turn out dead, or full, before we give up. */
const TRIES = 8
const FULL_WAIT_MS = 50

/** Commands that run for hours must not hold up others on their host: after this time another connection is opened. */
const ROOM_PATIENCE_MS = 1_000

export const sshDriver = (options: SshDriverOptions): SshDriver => {
  const { secrets, clock } = options
  const newToken = options.newToken ?? randomToken
  const logins = createLogins({ agentSocket: options.agentSocket ?? process.env.SSH_AUTH_SOCK })
  const readLogin = async (id: string) => logins.of(await secrets.credential(id))
  const runLogins = createRunLogins(readLogin, clock)
  const pool = new ConnectionPool({
    clock,
    maxHandshakes: options.maxHandshakes ?? 48,
    idleMs: options.idleMs ?? 300_000,
    keepaliveMs: options.keepaliveMs ?? 30_000,
  })

  const detachedCarrier = createDetachedCarrier({
    sources: options,
    newToken,
    spools: options.spools,
  })

  const hopOf = async (access: Access, runId: string): Promise<Hop | Failure> => {
    if (access.credentialId === undefined) {
      return { reason: 'noCredential', message: 'the host has no credential to log in with' }
    }
    try {
      const login = await runLogins.of(runId, access.credentialId)
      return 'reason' in login ? login : { access, login }
    } catch (error) {
      const message =
        error instanceof Problem && error.code === 'CREDENTIAL_UNKNOWN'
          ? 'the credential of the host does not exist any more'
          : 'the credential of the host could not be read'
      return { reason: 'noCredential', message }
    }
  }

  const hopsOf = async ({ host, runId }: HostLeafWork): Promise<readonly Hop[] | Failure> => {
    const { access, jumps } = host
    const hops: Hop[] = []
    for (const one of [...jumps, access]) {
      const hop = await hopOf(one, runId)
      if ('reason' in hop) {
        return one === access
          ? hop
          : { ...hop, message: `jump host ${one.address}: ${hop.message}` }
      }
      hops.push(hop)
    }
    return hops
  }

  const carryOut = async (
    work: HostLeafWork,
    report: HostReport,
    signal: AbortSignal,
  ): Promise<HostEnd> => {
    if (signal.aborted) return nothingSent
    const opened = await openLeaf(work.action, work.host, { ...options, feeds: true })
    if (!isOpened(opened)) return opened
    const task = newToken()
    const start = prepare(work.action, opened, {
      task,
      token: newToken(),
      compare: work.check,
    })
    if (Buffer.byteLength(start.line) > COMMAND_MAX_BYTES) {
      return { state: 'failed', reason: 'driverError', message: TOO_LONG }
    }
    const hops = await hopsOf(work)
    if ('reason' in hops) return unreachable(hops)
    const { connectTimeoutMs } = work
    const reach: Reach = {
      hops,
      connectTimeoutMs,
      signal,
      onKeySeen: (seen) => report.keySeen(seen),
    }
    let starting: Promise<void> | undefined
    for (let tries = 0; tries < TRIES; tries++) {
      const connection = await pool.reach(reach)
      if (signal.aborted) return nothingSent
      if (!(connection instanceof Connection)) return unreachable(connection)
      // False also when it closed in between: then there is another one to be had.
      const room = await connection.enter(signal, ROOM_PATIENCE_MS)
      if (room === 'gone') continue
      if (room === 'full') {
        pool.retire(connection)
        tries--
        continue
      }
      let after: Attempt = { kind: 'again' }
      try {
        starting ??= report.started()
        const stays = await starting.then(
          () => !signal.aborted,
          () => false,
        )
        if (!stays) return nothingSent
        const { action, host } = work
        const size = opened.leaf.fed?.size
        const prepared = { start, task, action, size, encoding: host.encoding }
        after = await runOn(connection, prepared, report, signal, reach)
      } finally {
        if (after.kind !== 'full') connection.leave(clock.monotonic())
      }
      if (after.kind === 'ended') return after.end
      if (signal.aborted) return nothingSent
      if (after.kind === 'again') continue
      const then = connection.learnLimit(clock.monotonic())
      if (then === 'never') return refusesSessions
      if (then === 'wait') await pause(FULL_WAIT_MS, signal)
      else tries--
    }
    return signal.aborted ? nothingSent : closesAlways
  }

  const runOn = async (
    connection: Connection,
    { start, task, action, size, encoding }: Prepared,
    report: HostReport,
    signal: AbortSignal,
    reach: Reach,
  ): Promise<Attempt> => {
    const words = createLastWords(encoding)
    let trouble: string | undefined
    const session = startSession(connection, start, {
      onOutput: (stream, bytes) => {
        if (stream === 'stderr') words.push(bytes)
        return report.output(stream, bytes)
      },
      onProgress: copyProgress(size ?? 0, clock, (line) => report.progress?.(line)),
      onTrouble: (error) => {
        trouble = error instanceof Error ? error.message : ''
      },
    })
    let stopping: Promise<LeftRunning> | undefined
    const stop = (): void => {
      const openAnother = (until: AbortSignal) => pool.openAnother({ ...reach, signal: until })
      const { runAs } = action
      const { password } = start
      stopping = stopSession({
        connection,
        session,
        task,
        runAs,
        password,
        newToken,
        openAnother,
      })
    }
    signal.addEventListener('abort', stop, { once: true })
    const ended = await session.end
    signal.removeEventListener('abort', stop)
    const leftRunning = await stopping
    if (ended.kind === 'full') return { kind: 'full' }
    if (ended.kind === 'stale') return { kind: 'again' }
    const said = unreadContent(trouble) ?? words.read()
    if (leftRunning === undefined) return { kind: 'ended', end: endOf(ended, action, said) }
    return {
      kind: 'ended',
      end:
        ended.kind === 'cut'
          ? { state: 'lost', leftRunning }
          : { ...endOf(ended, action, said), leftRunning },
    }
  }

  const channelOf = (work: HostLeafWork, report: HostReport) =>
    sshChannel({
      pool,
      clock,
      newToken,
      reach: async (signal) => {
        const hops = await hopsOf(work)
        if ('reason' in hops) return hops
        const { connectTimeoutMs } = work
        return { hops, connectTimeoutMs, signal, onKeySeen: (seen) => report.keySeen(seen) }
      },
      roomPatienceMs: ROOM_PATIENCE_MS,
      onTerms: { unreachable, nothingSent, refusesSessions },
    })

  return {
    name: 'ssh',
    detaches: true,
    capabilities: {
      leaves: ['shell', 'script', 'copy', 'fetch'],
      comparesCopies: true,
      abort: 'remote',
    },
    carryOut: withFetch(
      onlyHostLeaves(async (work, report, signal) => {
        runLogins.enter(work.runId)
        try {
          const { detached } = work
          return detached
            ? await detachedCarrier.carryOut(
                work,
                detached,
                channelOf(work, report),
                report,
                signal,
              )
            : await carryOut(work, report, signal)
        } catch (error) {
          const message = error instanceof Error ? error.message.slice(0, 500) : 'unknown error'
          return { state: 'failed', reason: 'driverError', message }
        } finally {
          runLogins.leave(work.runId)
        }
      }),
      newToken,
    ),
    health: () =>
      Promise.resolve({
        ok: true,
        version: `ssh2 ${ssh2Version}`,
        problems: isKnownSsh2 ? [] : ['this version of ssh2 is not known: connections cost more'],
      }),
    close: async () => {
      await pool.close()
      logins.clear()
    },
    openConnections: () => pool.size,
  }
}

interface Prepared {
  readonly action: HostLeaf
  readonly start: Start
  /** Of content that is fed, bytes. */
  readonly size: number | undefined
  /** Names it on the host; see `stopProgram`. */
  readonly task: string
  /** Of what the host prints. */
  readonly encoding: string | undefined
}

const prepare = (
  { runAs }: HostLeaf,
  { leaf, password }: OpenedWork,
  {
    task,
    token,
    compare,
  }: { readonly task: string; readonly token: string; readonly compare: boolean | undefined },
): Start => {
  const hasPassword = password !== undefined
  const program = hostProgram(leaf, {
    task,
    terminal: needsTerminal(runAs, hasPassword),
    compare,
  })
  return startOf({
    wrapped: wrapRunAs(program.text, runAs, { hasPassword, token }),
    program,
    password,
  })
}

/** `again`: nothing was sent, another connection may do. `full`: nor here, this one has no room for it. */
type Attempt =
  | { readonly kind: 'ended'; readonly end: HostEnd }
  | { readonly kind: 'again' }
  | { readonly kind: 'full' }

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => undefined)

const endOf = (
  ended: Exclude<SessionEnd, { kind: 'stale' | 'full' }>,
  action: HostLeaf,
  lastWords: string | undefined,
): HostEnd => {
  const endsByDisconnect = action.kind === 'shell' && action.endsBy === 'disconnect'
  switch (ended.kind) {
    case 'exited':
      return programEnd(action, ended.exit, lastWords)
    case 'signalled':
      // A host that goes down ends its sessions first.
      return endsByDisconnect ? { state: 'ok' } : signalEnd(ended.signal)
    case 'cut':
      return endsByDisconnect && ended.begun
        ? { state: 'ok' }
        : {
            state: 'lost',
            reason: 'connectionCut',
            message: 'the connection ended before the command did',
            leftRunning: 'unknown',
          }
    case 'barred':
      return { state: 'failed', reason: 'runAsRefused', message: ended.message.slice(0, 500) }
    case 'denied':
      return { state: 'failed', reason: 'driverError', message: ended.message }
  }
}
