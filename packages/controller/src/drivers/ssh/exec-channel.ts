// A channel that runs one program, whoever makes it: our own light one, or ssh2's with its two streams.

import type { OutputStream } from '@omserver/core'
import type { Client, ClientChannel, PseudoTtyOptions } from 'ssh2'
import { openPlainChannel } from './plain-channel.ts'

/** What a channel tells. Nothing comes while it is paused, except the exit. */
export interface ChannelEvents {
  readonly onData: (stream: OutputStream, bytes: Buffer) => void
  /** `code` null: ended by `signal`. */
  readonly onExit: (code: number | null, signal: string | undefined) => void
  /** Closed, after all its data. */
  readonly onClose: () => void
}

export interface ExecChannel {
  write(bytes: Uint8Array | string): void
  /** The end of its input, after these bytes. */
  end(bytes?: Uint8Array): void
  pause(): void
  resume(): void
  signal(name: string): void
  close(): void
}

/** `reason` is there when the server itself refused the channel. */
export type OpenError = Error & { readonly reason?: unknown }

export type Opened = (error: OpenError | undefined, channel: ExecChannel | undefined) => void

export interface ExecRequest {
  readonly command: string
  readonly terminal: PseudoTtyOptions | undefined
}

/**
 * Throws when the connection is gone. `done` is called once, when the program has started or cannot be.
 * @param plain what `admitPlainChannels` said of this connection
 */
export const openExec = (
  client: Client,
  plain: boolean,
  { command, terminal }: ExecRequest,
  events: ChannelEvents,
  done: Opened,
): void => {
  if (plain && terminal === undefined && openPlainChannel(client, command, events, done)) return
  client.exec(command, terminal ? { pty: terminal } : {}, (error, channel) => {
    if (error) done(error, undefined)
    else done(undefined, adapt(channel, events))
  })
}

const adapt = (channel: ClientChannel, events: ChannelEvents): ExecChannel => {
  let openStreams = 2
  const onStreamEnd = (): void => {
    if (--openStreams === 0) events.onClose()
  }
  channel.on('data', (bytes: Buffer) => events.onData('stdout', bytes))
  channel.stderr.on('data', (bytes: Buffer) => events.onData('stderr', bytes))
  channel.on('exit', (code: number | null, signal?: string) => events.onExit(code, signal))
  channel.once('close', onStreamEnd)
  channel.stderr.once('close', onStreamEnd)
  // A broken pipe on its input is the program's choice.
  channel.on('error', () => undefined)
  return {
    write: (bytes) => void channel.write(bytes),
    end: (bytes) => void channel.end(bytes),
    pause: () => {
      channel.pause()
      channel.stderr.pause()
    },
    resume: () => {
      channel.resume()
      channel.stderr.resume()
    },
    signal: (name) => void channel.signal(name),
    close: () => void channel.close(),
  }
}
