// A channel as ssh2 makes it, with its two streams: for programs on a terminal, and for versions of ssh2 we do not know.

import type { Client, ClientChannel } from 'ssh2'
import type { ChannelEvents, ExecChannel, ExecRequest, Opened } from './exec-channel.ts'

/** Throws when the connection is gone. */
export const openStreamChannel = (
  client: Client,
  { command, terminal }: ExecRequest,
  events: ChannelEvents,
  done: Opened,
): void => {
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
    write: (bytes) =>
      channel.write(bytes)
        ? undefined
        : new Promise((resolve) => channel.once('drain', () => resolve())),
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
