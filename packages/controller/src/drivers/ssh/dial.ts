// One SSH handshake: TCP or a jump host's channel, host key, login. Ends in a ready client or a failure.

import type { Duplex } from 'node:stream'
import type { Access, HostKey } from '@omserver/core'
import ssh2, {
  type Algorithms,
  type AuthHandlerMiddleware,
  type Client,
  type ServerHostKeyAlgorithm,
} from 'ssh2'
import { type Failure, failureOf, placeOf, type Stage, timeoutFailure } from '../../failure.ts'
import type { Login } from './login.ts'
import { learnParts, sawGreeting, signAtOnce } from './ssh-parts.ts'
import { connectTcp } from './tcp.ts'

export interface Dialled {
  readonly client: Client
  /** What carries it; destroy it to end at once. */
  readonly sock: Duplex
  /** The key the server has proven to hold. */
  readonly hostKey: HostKey
}

export interface DialOptions {
  readonly access: Access
  readonly login: Login
  /** A channel of a jump host; a TCP connection is opened when absent. */
  readonly through?: Duplex
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** A key other than the pinned one was shown. Not proven: the handshake ends before that. */
  readonly onChangedKey: (hostKey: HostKey) => void
}

/** As ssh2 has it. */
const usualOrder: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
]

/** The pinned key's type first: a host that has several keys must show the one we know. */
const orderFor = (pinned: HostKey | undefined): ServerHostKeyAlgorithm[] => {
  const fits = (name: string): boolean =>
    name === pinned?.type || (pinned?.type === 'ssh-rsa' && name.startsWith('rsa-sha2-'))
  return [...usualOrder].sort((a, b) => Number(fits(b)) - Number(fits(a)))
}

/** undefined: what ssh2 offers by itself, one copy for all connections. */
const algorithmsFor = (pinned: HostKey | undefined): Algorithms | undefined =>
  pinned === undefined || pinned.type === usualOrder[0]
    ? undefined
    : { serverHostKey: orderFor(pinned) }

const hostKeyOf = (blob: Buffer): HostKey => {
  const length = blob.length >= 4 ? blob.readUInt32BE(0) : 0
  return { type: blob.subarray(4, 4 + length).toString('latin1'), key: blob.toString('base64') }
}

/** What a connection remembers of host keys for as long as it lives. */
interface KeyWatch {
  readonly pinned: HostKey | undefined
  shown?: HostKey
  changed?: true
  onChanged?: (hostKey: HostKey) => void
}

// These two live as long as the connection. Made here, they hold nothing else of the handshake in memory.
const verifierOf =
  (watch: KeyWatch) =>
  (blob: Buffer): boolean => {
    const key = hostKeyOf(blob)
    // Once connected, a new exchange of keys must show the key that the first one proved.
    const known = watch.pinned?.key ?? watch.shown?.key
    watch.shown ??= key
    if (known === undefined || known === key.key) return true
    watch.changed = true
    watch.onChanged?.(key)
    return false
  }

const authHandlerOf = (login: Login): AuthHandlerMiddleware => {
  const next = login.methods()
  return (left, _partial, give) => {
    const method = next(left)
    // @ts-expect-error ssh2 takes false for "nothing left"; its types do not say so.
    give(method ?? false)
  }
}

export const dial = (options: DialOptions): Promise<Dialled | Failure> => {
  const { access, login, signal, timeoutMs } = options
  const place = placeOf(access)
  const { promise, resolve } = Promise.withResolvers<Dialled | Failure>()
  if (signal.aborted) {
    options.through?.destroy()
    return Promise.resolve(stopped(place))
  }
  const client = new ssh2.Client()
  const sock = options.through ?? connectTcp(access.address, access.port)
  const watch: KeyWatch = { pinned: access.hostKey, onChanged: options.onChangedKey }
  let stage: Stage = options.through ? 'connected' : 'connecting'
  let settled = false

  const settle = (result: Dialled | Failure): void => {
    if (settled) return
    settled = true
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
    client.removeAllListeners()
    delete watch.onChanged
    // ssh2 may speak of the same trouble twice; unheard, an error would end the process.
    client.on('error', ignore)
    if (!('client' in result)) {
      sock.on('error', ignore)
      sock.destroy()
    }
    resolve(result)
  }
  const stageNow = (): Stage => (stage === 'connected' && sawGreeting(client) ? 'greeted' : stage)
  const onAbort = (): void => settle(stopped(place))
  const timer = setTimeout(() => settle(timeoutFailure(place, stageNow(), timeoutMs)), timeoutMs)
  signal.addEventListener('abort', onAbort, { once: true })

  client
    .once('connect', () => {
      stage = 'connected'
    })
    .once('handshake', () => {
      stage = 'exchanged'
      learnParts(client)
    })
    .once('ready', () => {
      const { shown } = watch
      if (shown === undefined) settle(failureOf(new Error('no host key'), whereabouts()))
      else settle({ client, sock, hostKey: shown })
    })
    .on('error', (error: Error & { level?: string }) => {
      if (watch.changed) settle(changedFailure(place))
      // An agent that does not answer is one method that failed; the next one may do.
      else if (error.level !== 'agent') settle(failureOf(error, whereabouts()))
    })
    .once('close', () => settle(failureOf(new Error('the connection was closed'), whereabouts())))

  const whereabouts = () => ({ place, stage: stageNow(), login: login.how })
  client.connect({
    sock,
    username: login.user,
    readyTimeout: 0,
    keepaliveInterval: 0,
    algorithms: algorithmsFor(access.hostKey),
    hostVerifier: verifierOf(watch),
    authHandler: authHandlerOf(login),
  })
  if (login.holdsKey) signAtOnce(client)
  return promise
}

const ignore = (): void => undefined

const stopped = (place: string): Failure => ({
  reason: 'connectTimeout',
  message: `stopped while connecting to ${place}`,
})

const changedFailure = (place: string): Failure => ({
  reason: 'hostKeyChanged',
  message: `${place} shows another host key than the pinned one; nothing was sent`,
})
