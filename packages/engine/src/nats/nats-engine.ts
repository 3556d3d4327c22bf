// The engine between machines: JetStream for what must not be lost, plain NATS for what must be quick.

import { randomUUID } from 'node:crypto'
import { type ConnectionOptions, credsAuthenticator, errors } from '@nats-io/transport-node'
import { Problem } from '@omserver/core'
import { type After, realAfter } from '../after.ts'
import { BEAT_MS } from '../calls/parts.ts'
import { PROTOCOL } from '../calls/protocol-version.ts'
import type { Engine } from '../ports.ts'
import { STORE_LOST } from '../unbegun.ts'
import { connectAccounts, type OpenAccount } from './accounts.ts'
import { isUnheard } from './answers.ts'
import { boardProof } from './board-proof.ts'
import { checkedTls } from './checked-tls.ts'
import { coreBus } from './core-bus.ts'
import { createLeases } from './leases.ts'
import { type Line, openLine } from './line.ts'
import { namesOf, toToken } from './names.ts'
import type { NatsOptions } from './nats-options.ts'
import { plainSealing } from './plain-sealing.ts'
import { adviceOn, refusalOf } from './server-version.ts'
import { createSites } from './sites.ts'
import { streamBlobs } from './stream-blobs.ts'
import { streamBoard } from './stream-board.ts'
import { streamLog } from './stream-log.ts'
import { streamQueue } from './stream-queue.ts'
import { tellOnce } from './tell-once.ts'

export type ClientEngine = Awaited<ReturnType<OpenAccount>>

const TRY_AGAIN_MS = 500
const HEALTH_WITHIN_MS = 2_000

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

const connectionOf = (options: NatsOptions, purpose: string): ConnectionOptions => {
  const servers = [options.servers].flat()
  return {
    servers,
    name: `${options.identity} ${purpose}`,
    inboxPrefix: `_INBOX_${toToken(options.identity)}`,
    tls: options.tls && checkedTls(servers, options.tls),
    authenticator: options.credentials && credsAuthenticator(options.credentials),
    timeout: 5_000,
  }
}

/** Waits for a server that is not there yet, not for one that says no. */
const firstLine = async (
  options: NatsOptions,
  parts: {
    readonly after: After
    readonly closed: AbortSignal
    readonly monotonic: () => number
    readonly reads: Line['reads']
    readonly domain: string | undefined
  },
): Promise<Line> => {
  const until = parts.monotonic() + (options.connectWithinMs ?? 30_000)
  for (;;) {
    try {
      return await openLine(connectionOf(options, 'control'), parts)
    } catch (error) {
      if (error instanceof errors.AuthorizationError || parts.monotonic() >= until) {
        const servers = [options.servers].flat().join(', ')
        throw new Error(`no connection to nats-server at ${servers}: ${messageOf(error)}`, {
          cause: error,
        })
      }
    }
    await new Promise<void>((resolve) => parts.after(TRY_AGAIN_MS, resolve))
  }
}

const refuseWhatWillNotDo = async ({ nc, jsm, domain }: Line): Promise<void> => {
  const refusal = nc.info ? refusalOf(nc.info) : 'nats-server did not say what it is'
  if (refusal !== undefined) throw new Error(refusal)
  // Elsewhere, and perhaps out of reach just now.
  if (domain !== undefined) return
  try {
    await jsm.getAccountInfo()
  } catch (error) {
    if (!isUnheard(error)) throw error
    throw new Error(
      'JetStream is off: start nats-server with -js, or with jetstream in its configuration',
    )
  }
}

/**
 * Rejects when there is no server, or none that will do: older than 2.9, without JetStream, or with a max_payload
 * too small for slices.
 */
export const connectNatsEngine = (options: NatsOptions): Promise<Engine> =>
  options.accounts
    ? connectAccounts(options, options.accounts.reach, openAccount)
    : openAccount(options)

/** Of a client: what stands in one account, and single slices of its log. */
export const connectClientEngine = (options: NatsOptions): Promise<ClientEngine> =>
  openAccount({ ...options, role: 'client' })

/** @param announce where IDCs become known, if not in the same account */
const openAccount: OpenAccount = async (options, announce) => {
  const after = options.after ?? realAfter
  const monotonic = options.monotonic ?? (() => performance.now())
  const newId = options.newId ?? randomUUID
  const closing = new AbortController()
  const closed = closing.signal
  const names = namesOf(options.prefix ?? 'om')
  const presenceTtlMs = options.presenceTtlMs ?? 9_000
  const blobsMaxBytes = options.blobsMaxBytes ?? 1024 * 1024 * 1024

  const role = options.role ?? 'server'
  const reads = role === 'server' ? 'byConsumer' : 'byStep'
  const { domain } = options

  const quick = await firstLine(options, { after, closed, monotonic, reads, domain })
  let bulk: Line | undefined
  try {
    await refuseWhatWillNotDo(quick)
    bulk = await openLine(connectionOf(options, 'bulk'), { after, closed, reads, domain })
  } catch (error) {
    closing.abort()
    await quick.close()
    throw error
  }
  const lines = [quick, bulk]

  const sites = createSites({
    line: quick,
    names,
    times: { leaseMs: options.leaseMs ?? 30_000, presenceTtlMs },
    role,
    blobsMaxBytes,
    newId,
    announce,
    lookAlso: (idc) => (role === 'server' ? queue.removeForgotten(idc) : Promise.resolve()),
  })
  const leases = createLeases({ line: quick, names, after, monotonic, newId, look: sites.look })
  sites.onLost((idc) => leases.lose(idc, STORE_LOST))
  const sealing = options.sealing ?? plainSealing
  const { signing } = options
  const refused = tellOnce(options.onRefused)
  const tell = tellOnce(options.onTrouble)
  const log = streamLog({ quick, bulk, names, sites, sealing, monotonic, newId, tell })

  const health: Engine['health'] = async (idc) => {
    if (closed.aborted) return { ok: false, detail: 'closed' }
    if (!lines.every((line) => line.isUp()))
      return { ok: false, detail: 'no connection to nats-server' }
    const late = Promise.withResolvers<never>()
    const endWait = after(HEALTH_WITHIN_MS, () =>
      late.reject(new Error('nats-server does not answer')),
    )
    try {
      await Promise.race([sites.look(idc), late.promise])
    } catch (error) {
      return { ok: false, detail: messageOf(error) }
    } finally {
      endWait()
    }
    const trouble = log.trouble(idc)
    if (trouble !== undefined) {
      const detail = `events cannot be stored: ${trouble}`
      return { ok: false, detail, stuck: log.isStuck(idc) }
    }
    return { ok: true, detail: quick.nc.info ? adviceOn(quick.nc.info) : 'connected' }
  }

  const bus = coreBus({
    ...{ line: quick, names, after, newId, kind: role, name: options.identity },
    protocol: options.protocol ?? PROTOCOL,
    beatMs: options.beatMs ?? BEAT_MS,
    onFailure: options.onCallFailure ?? (() => undefined),
    ...{ signing, refused },
  })

  const queue = streamQueue({
    line: quick,
    names,
    sites,
    leases,
    sealing,
    tell,
    onLease: options.onLease,
    onRefused: (idc, key, why) => refused({ what: 'slice', idc, key, why }),
    mayChangeQueue: options.mayChangeQueue,
  })

  let ending: Promise<void> | undefined
  const close = async (): Promise<void> => {
    leases.lose()
    const told = bus.close()
    closing.abort()
    await log.close()
    await told
    await Promise.all(lines.map((line) => line.close()))
  }

  // What is shared lies in the account to which IDCs are announced.
  if (role === 'server' && !announce) await quick.persist(() => sites.makeShared())
  return {
    kind: 'nats',
    queue,
    log,
    intent: streamBoard(quick, sites, {
      stream: names.intentStream,
      subject: names.intent,
      proofOf: signing && ((idc) => boardProof(signing, 'intent', idc)),
      onRefused: (idc, key, why) => refused({ what: 'intent', idc, key, why }),
    }),
    presence: streamBoard(quick, sites, {
      stream: names.presenceStream,
      subject: names.presence,
      ttlMs: presenceTtlMs,
    }),
    books: streamBoard(quick, sites, {
      stream: names.directStream,
      subject: names.books,
      // A piece is the server's by the hash in the head of the book, which is.
    }),
    begun: streamBoard(quick, sites, { stream: names.directStream, subject: names.begun }),
    bus,
    blobs: streamBlobs(bulk, names, blobsMaxBytes),
    async ensure(idc) {
      if (closed.aborted) throw new Problem('ENGINE_CLOSED')
      await sites.ready(idc)
    },
    watchIdcs: (on) => sites.watch(on),
    announce: (idc) => quick.persist(() => sites.announce(idc)),
    health,
    close() {
      ending ??= close()
      return ending
    },
  }
}
