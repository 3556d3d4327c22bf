// Open connections, shared by all runs: few handshakes at a time, many commands, closed when nobody needs them.

import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Access, Clock, HostKey } from '@omserver/core'
import { type Failure, ofJump, placeOf } from '../../failure.ts'
import { createGateKeeper, type GateKeeper } from '../../gate-keeper.ts'
import { Connection } from './connection.ts'
import { dial } from './dial.ts'
import { createKeepAliveWheel, type KeepAliveWheel } from './keep-alive-wheel.ts'
import type { Login } from './login.ts'

export interface Hop {
  readonly access: Access
  readonly login: Login
}

export interface KeySeen {
  /** 0 is the host itself, 1 its nearest jump host … */
  readonly hop: number
  readonly address: string
  readonly port: number
  readonly hostKey: HostKey
  readonly changed: boolean
}

export interface Reach {
  /** Outermost jump host first, the host itself last; at least one. */
  readonly hops: readonly Hop[]
  readonly connectTimeoutMs: number
  readonly signal: AbortSignal
  readonly onKeySeen: (seen: KeySeen) => void
}

export interface PoolOptions {
  readonly clock: Clock
  readonly maxHandshakes: number
  readonly idleMs: number
  readonly keepaliveMs: number
}

/** Waits after a server that was too busy to greet us. */
const BUSY_WAITS_MS = [100, 200, 400, 800, 1600]

interface Pending {
  readonly result: Promise<Connection | Failure>
  readonly giveUp: AbortController
  readonly watchers: Set<(seen: KeySeen) => void>
}

const keyOf = (hops: readonly Hop[]): string =>
  hops.map(({ access, login }) => `${access.address} ${access.port} ${login.identity}`).join(' > ')

const isPinnedTo = (access: Access, hostKey: HostKey): boolean =>
  access.hostKey === undefined || access.hostKey.key === hostKey.key

export class ConnectionPool {
  readonly #options: PoolOptions
  readonly #open = new Map<string, Connection>()
  readonly #opening = new Map<string, Pending>()
  readonly #all = new Set<Connection>()
  readonly #keys = new WeakMap<Connection, string>()
  readonly #handshakes: GateKeeper
  readonly #wheel: KeepAliveWheel<Connection>
  #closed = false

  constructor(options: PoolOptions) {
    this.#options = options
    this.#handshakes = createGateKeeper(options.maxHandshakes)
    this.#wheel = createKeepAliveWheel(options.keepaliveMs, (connection) => {
      const since = connection.idleSince()
      if (since !== undefined && options.clock.monotonic() - since >= options.idleMs) {
        this.#forget(connection)
        connection.end()
      } else connection.check()
    })
  }

  /** Connections that are open now. */
  get size(): number {
    return this.#all.size
  }

  /** A connection over these hops: an open one, or a new one that others may share. */
  async reach(reach: Reach): Promise<Connection | Failure> {
    const result = await this.#obtain(reach)
    if (result instanceof Connection) reportUnpinned(reach, result)
    return result
  }

  /** Gives this connection to nobody any more: what runs on it goes on, who comes next gets another one. */
  retire(connection: Connection): void {
    const key = this.#keys.get(connection)
    if (key !== undefined && this.#open.get(key) === connection) this.#open.delete(key)
  }

  /** A connection of the caller's own, to end when done: where the shared one takes no more channels. */
  openAnother(reach: Reach): Promise<Connection | Failure> {
    return this.#connect(reach, reach.signal, reach.onKeySeen)
  }

  async #obtain(reach: Reach): Promise<Connection | Failure> {
    const { hops, signal } = reach
    const key = keyOf(hops)
    const open = this.#open.get(key)
    if (open?.isOpen && fits(open, hops)) return open
    let pending = this.#opening.get(key)
    if (!pending || pending.giveUp.signal.aborted) pending = this.#startOpening(key, reach)
    pending.watchers.add(reach.onKeySeen)
    const result = await this.#wait(pending, reach)
    if (!(result instanceof Connection) || fits(result, hops)) return result
    // Another run connected while it had another key pinned, or none.
    return signal.aborted ? stopped(hops) : await this.openAnother(reach)
  }

  /** Resolves when every connection is closed. */
  async close(): Promise<void> {
    this.#closed = true
    for (const { giveUp } of this.#opening.values()) giveUp.abort()
    this.#wheel.stop()
    for (const connection of this.#all) connection.end()
    // One turn for the goodbyes to leave.
    await sleep(0)
    for (const connection of this.#all) connection.destroy()
    while (this.#all.size > 0) await sleep(5)
  }

  async #wait(pending: Pending, reach: Reach): Promise<Connection | Failure> {
    const { signal, hops, onKeySeen } = reach
    const { promise, resolve } = Promise.withResolvers<Failure>()
    const leave = (): void => {
      pending.watchers.delete(onKeySeen)
      if (pending.watchers.size === 0) pending.giveUp.abort()
      resolve(stopped(hops))
    }
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave, { once: true })
    const result = await Promise.race([pending.result, promise])
    signal.removeEventListener('abort', leave)
    pending.watchers.delete(onKeySeen)
    return result
  }

  #startOpening(key: string, reach: Reach): Pending {
    const giveUp = new AbortController()
    const watchers = new Set<(seen: KeySeen) => void>()
    const tell = (seen: KeySeen): void => {
      for (const watcher of watchers) watcher(seen)
    }
    const result = this.#connect(reach, giveUp.signal, tell).then((connection) => {
      if (this.#opening.get(key)?.giveUp === giveUp) this.#opening.delete(key)
      if (connection instanceof Connection && connection.isOpen) this.#share(key, connection)
      return connection
    })
    const pending = { result, giveUp, watchers }
    this.#opening.set(key, pending)
    return pending
  }

  async #connect(
    reach: Reach,
    signal: AbortSignal,
    onKeySeen: (seen: KeySeen) => void,
  ): Promise<Connection | Failure> {
    const { hops, connectTimeoutMs } = reach
    const hop = hops.at(-1)
    if (hop === undefined) return { reason: 'noRoute', message: 'there is nowhere to connect to' }
    const jumps = hops.slice(0, -1)
    let via: Connection | undefined
    if (jumps.length > 0) {
      const onJumpKey = (seen: KeySeen): void => onKeySeen({ ...seen, hop: seen.hop + 1 })
      const jump = await this.#obtain({
        hops: jumps,
        connectTimeoutMs,
        signal,
        onKeySeen: onJumpKey,
      })
      if (!(jump instanceof Connection)) {
        return ofJump(jump, jumps.length)
      }
      via = jump
    }
    for (const wait of [...BUSY_WAITS_MS, undefined]) {
      const result = await this.#handshake(hop, via, connectTimeoutMs, signal, onKeySeen)
      if (result instanceof Connection || !result.busy || wait === undefined) return result
      await sleep(wait, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return stopped(hops)
    }
    return stopped(hops)
  }

  async #handshake(
    hop: Hop,
    via: Connection | undefined,
    timeoutMs: number,
    signal: AbortSignal,
    onKeySeen: (seen: KeySeen) => void,
  ): Promise<Connection | Failure> {
    const { access, login } = hop
    const leave = await this.#handshakes.enter(signal)
    if (!leave || this.#closed) {
      leave?.()
      return stopped([hop])
    }
    const release = via?.hold(this.#options.clock.monotonic())
    try {
      const through = via ? await forward(via, access, timeoutMs, signal) : undefined
      if (through && 'reason' in through) return through
      const onChangedKey = (hostKey: HostKey): void =>
        onKeySeen({ hop: 0, ...whereOf(access), hostKey, changed: true })
      const dialled = await dial({ access, login, through, timeoutMs, signal, onChangedKey })
      if (!('client' in dialled)) return dialled
      if (this.#closed) {
        dialled.sock.destroy()
        return stopped([hop])
      }
      const connection = new Connection(dialled, {
        via,
        now: this.#options.clock.monotonic(),
        onClose: this.#forget,
      })
      this.#all.add(connection)
      this.#wheel.add(connection)
      return connection
    } finally {
      release?.()
      leave()
    }
  }

  #share(key: string, connection: Connection): void {
    this.#open.set(key, connection)
    this.#keys.set(connection, key)
  }

  // One function for all: a closure of its own would keep each handshake in memory.
  readonly #forget = (connection: Connection): void => {
    this.#all.delete(connection)
    this.#wheel.remove(connection)
    this.retire(connection)
  }
}

/** Whether every hop of the connection showed the key that is pinned for it. */
const fits = (connection: Connection, hops: readonly Hop[]): boolean => {
  let at: Connection | undefined = connection
  for (const { access } of hops.toReversed()) {
    if (!at || !isPinnedTo(access, at.hostKey)) return false
    at = at.via
  }
  return true
}

const reportUnpinned = (reach: Reach, connection: Connection): void => {
  let at: Connection | undefined = connection
  for (const [hop, { access }] of reach.hops.toReversed().entries()) {
    if (at && access.hostKey === undefined) {
      reach.onKeySeen({ hop, ...whereOf(access), hostKey: at.hostKey, changed: false })
    }
    at = at?.via
  }
}

const stopped = (hops: readonly Hop[]): Failure => {
  const last = hops.at(-1)
  return {
    reason: 'connectTimeout',
    message: `stopped while connecting to ${last ? placeOf(last.access) : 'the host'}`,
  }
}

const whereOf = ({ address, port }: Access): { address: string; port: number } => ({
  address,
  port,
})

/** A channel through the jump host to the next one. */
const forward = (
  via: Connection,
  to: Access,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Duplex | Failure> => {
  const { promise, resolve } = Promise.withResolvers<Duplex | Failure>()
  const failed = (why: string): Failure => ({
    reason: 'jumpFailed',
    jump: true,
    message: `the last jump host could not reach ${placeOf(to)}: ${why}`,
  })
  let settled = false
  const settle = (result: Duplex | Failure): void => {
    settled = true
    clearTimeout(timer)
    signal.removeEventListener('abort', giveUp)
    resolve(result)
  }
  const giveUp = (): void => settle(failed('stopped'))
  const timer = setTimeout(() => settle(failed('no answer')), timeoutMs)
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    via.client.forwardOut('127.0.0.1', 0, to.address, to.port, (error, channel) => {
      // Nobody waits for it any more: left open, it would stay as long as the jump host's connection.
      if (settled) channel?.close()
      else if (error) {
        settle(failed(error.message.replace(/^\(SSH\) Channel open failure: /, '')))
      } else settle(channel)
    })
  } catch {
    settle(failed('its connection was closed'))
  }
  return promise
}
