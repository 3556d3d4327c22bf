// One open connection to a host: its channels, how many there may be, and whether the other side still lives.

import type { Duplex } from 'node:stream'
import type { HostKey } from '@omserver/core'
import type { Client } from 'ssh2'
import type { Dialled } from './dial.ts'
import type { ChannelEvents, ExecRequest, Opened } from './exec-channel.ts'
import { admitPlainChannels, openPlainChannel } from './plain-channel.ts'
import { guardExec, ping } from './ssh-parts.ts'
import { openStreamChannel } from './stream-channel.ts'

/** OpenSSH allows 10 unless told otherwise; two are left for stopping what the others started. */
const MAX_CHANNELS = 8

/** Signs of life that may be missed in a row. */
const MISSED_MAX = 3

export class Connection {
  readonly client: Client
  readonly hostKey: HostKey
  /** The connection to the jump host that this one passes through. */
  readonly via: Connection | undefined
  readonly #sock: Duplex
  readonly #onClose: (connection: Connection) => void
  #limit = MAX_CHANNELS
  #active = 0
  #children = 0
  #closed = false
  #served = false
  #missed = 0
  #idleSince: number
  #waiting: Set<(open: boolean) => void> | undefined
  /** Commands handed to ssh2 that have not left yet; false: it must not leave any more. */
  #unsent: Map<string, boolean> | undefined
  readonly #canTellSent: boolean
  readonly #plainChannels: boolean

  constructor(
    dialled: Dialled,
    options: {
      readonly via?: Connection
      readonly now: number
      readonly onClose: (connection: Connection) => void
    },
  ) {
    const { client, sock, hostKey } = dialled
    this.client = client
    this.hostKey = hostKey
    this.via = options.via
    this.#sock = sock
    this.#onClose = options.onClose
    this.#idleSince = options.now
    this.#canTellSent = guardExec(client, (command) => {
      const wanted = this.#unsent?.get(command) ?? true
      if (wanted) this.#unsent?.delete(command)
      return wanted
    })
    this.#plainChannels = admitPlainChannels(client)
    if (this.via) this.via.#children++
    client.once('close', () => this.#close())
  }

  get isOpen(): boolean {
    return !this.#closed && !this.#sock.destroyed && this.#sock.writable
  }

  /** Monotonic ms since nobody has used it; undefined: in use. */
  idleSince(): number | undefined {
    return this.#active + this.#children + (this.#waiting?.size ?? 0) > 0
      ? undefined
      : this.#idleSince
  }

  /** Waits so long for room for one more channel. `gone`: the connection closed, or the signal came. */
  enter(signal: AbortSignal, patienceMs: number): Promise<'in' | 'gone' | 'full'> {
    if (!this.isOpen || signal.aborted) return Promise.resolve('gone')
    if (this.#active < this.#limit) {
      this.#active++
      return Promise.resolve('in')
    }
    const { promise, resolve } = Promise.withResolvers<'in' | 'gone' | 'full'>()
    this.#waiting ??= new Set()
    const waiting = this.#waiting
    const settle = (how: 'in' | 'gone' | 'full'): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
      waiting.delete(admit)
      resolve(how)
    }
    const admit = (open: boolean): void => settle(open ? 'in' : 'gone')
    const giveUp = (): void => settle('gone')
    const timer = setTimeout(() => settle('full'), patienceMs)
    signal.addEventListener('abort', giveUp, { once: true })
    waiting.add(admit)
    return promise
  }

  /** Keeps the connection from being closed as idle while another one is made through it. */
  hold(now: number): () => void {
    this.#children++
    return () => {
      this.#children--
      this.#idleSince = Math.max(this.#idleSince, now)
    }
  }

  leave(now: number): void {
    this.#active--
    this.#idleSince = now
    this.#admit()
  }

  /** Throws when the connection is gone. `done` is called once: the program has started, or cannot be. */
  exec(request: ExecRequest, events: ChannelEvents, done: Opened): void {
    const { client } = this
    const plain = this.#plainChannels && request.terminal === undefined
    if (plain && openPlainChannel(client, request.command, events, done)) return
    openStreamChannel(client, request, events, done)
  }

  /** The server opened a channel. */
  served(): void {
    this.#served = true
  }

  /**
   * The server refused one more channel (MaxSessions): learn the number, and leave.
   * `never`: it has not opened a single one; `wait`: it is about to close those that have ended.
   */
  learnLimit(now: number): 'queue' | 'wait' | 'never' {
    const others = this.#active - 1
    if (others > 0) this.#limit = Math.min(this.#limit, others)
    this.leave(now)
    if (others > 0) return 'queue'
    return this.#served ? 'wait' : 'never'
  }

  #admit(): void {
    for (const admit of this.#waiting ?? []) {
      if (this.#active >= this.#limit) return
      this.#active++
      admit(true)
    }
  }

  expectSent(command: string): void {
    this.#unsent ??= new Map()
    this.#unsent.set(command, true)
  }

  /** Whether the command may have reached the host. */
  maySent(command: string): boolean {
    return !(this.#canTellSent && this.#unsent?.has(command))
  }

  /** True: the command has not left, and never will. */
  withdraw(command: string): boolean {
    if (this.maySent(command)) return false
    this.#unsent?.set(command, false)
    return true
  }

  forgetSent(command: string): void {
    this.#unsent?.delete(command)
    if (this.#unsent?.size === 0) this.#unsent = undefined
  }

  /** Asks for a sign of life; ends the connection when several were missed. */
  check(): void {
    if (this.#closed) return
    if (!this.isOpen || this.#missed >= MISSED_MAX) {
      this.destroy()
      return
    }
    this.#missed++
    if (!ping(this.client, this.#answered)) this.#missed = 0
  }

  readonly #answered = (): void => {
    this.#missed = 0
  }

  /** Says goodbye. */
  end(): void {
    this.client.end()
  }

  destroy(): void {
    this.#sock.destroy()
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.via) this.via.#children--
    for (const admit of this.#waiting ?? []) admit(false)
    this.#onClose(this)
  }
}
