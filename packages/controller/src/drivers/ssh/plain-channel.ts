// What ssh2's Channel does for one program, without two Node streams and a dozen listeners for every command.

import type { OutputStream } from '@omserver/core'
import type { Client } from 'ssh2'
import { type Fields, isMethod, isRecord, type Method } from '../../loose.ts'
import type { ChannelEvents, ExecChannel, Opened } from './exec-channel.ts'
import { protocolOf } from './ssh-parts.ts'

/** As ssh2 has them. */
const WINDOW_BYTES = 2 * 1024 * 1024
const PACKET_BYTES = 32 * 1024
/** So much may wait for the network on one connection before writers wait, too. */
const SOCKET_BYTES = 256 * 1024

/** The parts of ssh2's Protocol that a channel sends with. */
interface Sender {
  session(channel: number, window: number, packet: number): void
  exec(channel: number, command: string, wantReply: boolean): void
  signal(channel: number, name: string): void
  channelData(channel: number, bytes: Buffer): void
  channelEOF(channel: number): void
  channelClose(channel: number): void
  channelWindowAdjust(channel: number, bytes: number): void
}

const sendings = [
  'session',
  'exec',
  'signal',
  'channelData',
  'channelEOF',
  'channelClose',
  'channelWindowAdjust',
]

const isSender = (protocol: Fields): protocol is Fields & Sender =>
  sendings.every((name) => isMethod(protocol[name]))

interface Channels {
  add(channel: unknown): number
  get(id: number): unknown
  update(id: number, channel: unknown): void
}

const isChannels = (value: unknown): value is Channels =>
  isRecord(value) && isMethod(value.add) && isMethod(value.get) && isMethod(value.update)

interface Confirmed {
  readonly recipient: number
  readonly sender: number
  readonly window: number
  readonly packetSize: number
}

const isConfirmed = (value: unknown): value is Confirmed =>
  isRecord(value) &&
  typeof value.recipient === 'number' &&
  typeof value.sender === 'number' &&
  typeof value.window === 'number' &&
  typeof value.packetSize === 'number'

/** Stands among ssh2's channels until the server has opened ours; ssh2 calls it when it does not. */
interface Waiting {
  (error: Error): void
  readonly onConfirmed: (to: Confirmed) => void
}

const isWaiting = (value: unknown): value is Waiting =>
  isMethod(value) && 'onConfirmed' in value && isMethod(value.onConfirmed)

/**
 * Everything that ssh2 looks at in a channel has its name and meaning from there (client.js, utils.js of 1.17).
 * Output is held back by not opening the window further while the reader pauses.
 */
class PlainChannel implements ExecChannel {
  readonly type = 'session'
  readonly server = false
  readonly destroyed = false
  readonly incoming: { id: number; window: number; state: string }
  readonly outgoing: { id: number; window: number; packetSize: number; state: string }
  /** True until the end of its output has come: ssh2 tells it once. */
  readable = true
  _callbacks: ((failed: unknown) => void)[] = []
  readonly _exit: { code?: number | null; signal?: string; dump?: boolean; desc?: string } = {}
  _waitWindow = false
  _waitChanDrain = false
  _chunk: Buffer | undefined
  _chunkcb: undefined
  readonly _client: Client
  readonly stderr: StderrEnd
  readonly #sender: Sender
  readonly #events: ChannelEvents
  /** Until the program has started, and whenever the reader wants no more. */
  #paused = true
  #held: { readonly stream: OutputStream; readonly bytes: Buffer }[] = []
  #inputEnded = false
  #closed = false
  #told = false
  /** Whoever writes waits for the window to open. */
  #room: PromiseWithResolvers<void> | undefined

  constructor(client: Client, sender: Sender, to: Confirmed, events: ChannelEvents) {
    const { recipient, sender: remote, window, packetSize } = to
    this._client = client
    this.#sender = sender
    this.#events = events
    this.incoming = { id: recipient, window: WINDOW_BYTES, state: 'open' }
    this.outgoing = { id: remote, window, packetSize, state: 'open' }
    this.stderr = new StderrEnd((bytes) => this.#take('stderr', bytes))
  }

  // What ssh2 calls.

  push(bytes: Buffer | null): boolean {
    if (bytes !== null) return this.#take('stdout', bytes)
    this.readable = false
    return true
  }

  emit(name: string, code?: number | null, signal?: string): void {
    if (name === 'exit') this.#events.onExit(code ?? null, signal)
    else if (name === 'close') {
      this.#closed = true
      if (this.#held.length === 0) this.#tellClosed()
    }
  }

  /** ssh2 waits so for the end of output before it says that the channel is closed; `readable` has told it. */
  once(_name: 'end', then: () => void): void {
    then()
  }

  /** The server takes more input. */
  _write(bytes: Buffer): void {
    this._chunk = undefined
    this.#send(bytes)
  }

  // What the driver calls.

  write(bytes: Uint8Array | string): Promise<void> | undefined {
    if (this.#inputEnded) return undefined
    const added = typeof bytes === 'string' ? Buffer.from(bytes) : asBuffer(bytes)
    if (added.length === 0) return undefined
    if (this._chunk) this._chunk = Buffer.concat([this._chunk, added])
    else this.#send(added)
    if (this._chunk) {
      this.#room ??= Promise.withResolvers<void>()
      return this.#room.promise
    }
    return this.#socketRoom()
  }

  end(bytes?: Uint8Array): void {
    if (bytes) void this.write(bytes)
    this.#inputEnded = true
    if (!this._chunk) this.#sendEnd()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    const held = this.#held
    this.#held = []
    for (const [at, { stream, bytes }] of held.entries()) {
      if (this.#paused) {
        this.#held = held.slice(at)
        return
      }
      this.#events.onData(stream, bytes)
    }
    if (this.#paused) return
    if (this.#closed) this.#tellClosed()
    else if (this.incoming.window <= WINDOW_BYTES / 2) this.#openWindow()
  }

  signal(name: string): void {
    if (this.outgoing.state === 'open') this.#sender.signal(this.outgoing.id, name)
  }

  close(): void {
    if (!this.#isOpen()) return
    this.outgoing.state = 'closing'
    this.#sender.channelClose(this.outgoing.id)
  }

  /** False: ssh2 leaves the window as it is. */
  #take(stream: OutputStream, bytes: Buffer): boolean {
    if (this.#paused) {
      this.#held.push({ stream, bytes })
      return false
    }
    this.#events.onData(stream, bytes)
    return !this.#paused && this.#isOpen()
  }

  #isOpen(): boolean {
    const { state } = this.outgoing
    return state === 'open' || state === 'eof'
  }

  #tellClosed(): void {
    if (this.#told) return
    this.#told = true
    this.#events.onClose()
  }

  #openWindow(): void {
    if (!this.#isOpen()) return
    const more = WINDOW_BYTES - this.incoming.window
    this.incoming.window += more
    this.#sender.channelWindowAdjust(this.outgoing.id, more)
  }

  #send(bytes: Buffer): void {
    const { outgoing } = this
    let at = 0
    while (at < bytes.length && outgoing.state === 'open') {
      const room = Math.min(outgoing.window, outgoing.packetSize, PACKET_BYTES, bytes.length - at)
      if (room <= 0) {
        this._chunk = bytes.subarray(at)
        this._waitWindow = true
        return
      }
      this.#sender.channelData(outgoing.id, bytes.subarray(at, at + room))
      outgoing.window -= room
      at += room
    }
    if (this.#inputEnded) this.#sendEnd()
    this.#room?.resolve(this.#socketRoom())
    this.#room = undefined
  }

  /** What the window lets through still waits for the network, in our memory. */
  #socketRoom(): Promise<void> | undefined {
    const sock = isRecord(this._client) ? this._client._sock : undefined
    if (!isRecord(sock) || typeof sock.writableLength !== 'number' || !isMethod(sock.once)) {
      return undefined
    }
    if (sock.writableLength < SOCKET_BYTES || sock.writableNeedDrain !== true) return undefined
    const { once } = sock
    return new Promise((resolve) => {
      once.call(sock, 'drain', () => resolve())
    })
  }

  #sendEnd(): void {
    if (this.outgoing.state !== 'open') return
    this.outgoing.state = 'eof'
    this.#sender.channelEOF(this.outgoing.id)
  }
}

/** The half of a channel that ssh2 gives what comes on stderr. */
class StderrEnd {
  readable = true
  readonly #take: (bytes: Buffer) => boolean

  constructor(take: (bytes: Buffer) => boolean) {
    this.#take = take
  }

  push(bytes: Buffer | null): boolean {
    if (bytes !== null) return this.#take(bytes)
    this.readable = false
    return true
  }

  emit(): void {
    // The channel itself says when all of it is closed.
  }

  once(): void {
    // As above.
  }
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Lets our channels be opened on this connection. False: this ssh2 is not the one we know. */
export const admitPlainChannels = (client: Client): boolean => {
  const protocol = protocolOf(client)
  const handlers = protocol?._handlers
  const channels = isRecord(client) ? client._chanMgr : undefined
  if (!protocol || !isSender(protocol) || !isRecord(handlers) || !isChannels(channels)) return false
  const usual = handlers.CHANNEL_OPEN_CONFIRMATION
  if (!isMethod(usual)) return false
  handlers.CHANNEL_OPEN_CONFIRMATION = confirm(channels, usual)
  return true
}

const confirm =
  (channels: Channels, usual: Method) =>
  (protocol: unknown, to: unknown): void => {
    const waiting = isConfirmed(to) ? channels.get(to.recipient) : undefined
    if (isConfirmed(to) && isWaiting(waiting)) waiting.onConfirmed(to)
    else usual(protocol, to)
  }

/**
 * Opens a channel and starts a program on it, on a connection that admits them. False: nothing was done.
 * Throws when the connection is gone.
 */
export const openPlainChannel = (
  client: Client,
  command: string,
  events: ChannelEvents,
  done: Opened,
): boolean => {
  const protocol = protocolOf(client)
  if (!protocol || !isSender(protocol) || !isRecord(client)) return false
  const channels = client._chanMgr
  if (!isChannels(channels)) return false
  if (!isRecord(client._sock) || client._sock.writable !== true) throw new Error('Not connected')
  const onConfirmed = (to: Confirmed): void => {
    const channel = new PlainChannel(client, protocol, to, events)
    channels.update(to.recipient, channel)
    channel._callbacks.push((failed) => {
      if (failed) {
        channel.close()
        done(failed instanceof Error ? failed : new Error('Unable to exec'), undefined)
        return
      }
      done(undefined, channel)
      channel.resume()
    })
    protocol.exec(to.sender, command, true)
  }
  const waiting: Waiting = Object.assign((error: Error) => done(error, undefined), {
    type: 'session',
    onConfirmed,
  })
  const id = channels.add(waiting)
  protocol.session(id, WINDOW_BYTES, PACKET_BYTES)
  return true
}
