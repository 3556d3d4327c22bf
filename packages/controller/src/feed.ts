// Gives a program its content when it asks for it, as fast as it takes it, and from the byte it asks for.

import { createHash } from 'node:crypto'
import type { FedContent } from './fed-content.ts'
import { encodeForTerminal, TERMINAL_END } from './run-as.ts'

export interface Feed {
  /** Unguessable: the program says this and a number, or `none`, on a line of its standard output. */
  readonly asks: string
  readonly content: FedContent
}

/** Where it is written to. */
export interface FeedSink {
  /** Resolves when there is room for more; never, once the program has ended. */
  write(bytes: Uint8Array | string): Promise<void> | undefined
  end(bytes?: string): void
}

export interface Feeder {
  /** What of these bytes of its standard output is its own. */
  push(bytes: Buffer): Buffer | undefined
  /** Nothing more is written. */
  stop(): void
}

/** Larger pieces would let others on the same connection wait. */
const WRITE_BYTES = 64 * 1024
const LINE_BYTES = 4096

export const createFeeder = (
  { asks, content }: Feed,
  sink: FeedSink,
  options: {
    readonly terminal: boolean
    readonly onProgress: (sent: number) => void
    /** The content could not be read. What was sent is incomplete, and the program says so. */
    readonly onTrouble: (error: unknown) => void
  },
): Feeder => {
  let seen: Buffer = Buffer.alloc(0)
  let asked = false
  let stopped = false

  const write = async (bytes: Uint8Array): Promise<void> => {
    for (let at = 0; at < bytes.length && !stopped; at += WRITE_BYTES) {
      const some = bytes.subarray(at, at + WRITE_BYTES)
      await sink.write(options.terminal ? encodeForTerminal(some, 'more') : some)
    }
  }

  /** An archive is believed by who unpacks it: its last byte is held back until all of it is what it should be. */
  const send = async (from: number): Promise<void> => {
    const sum = from === 0 ? createHash('sha256') : undefined
    let sent = from
    let held: Uint8Array | undefined
    for await (const bytes of await content.open(from)) {
      if (stopped) return
      sum?.update(bytes)
      if (held) await write(held)
      held = bytes.subarray(-1)
      await write(bytes.subarray(0, -1))
      sent += bytes.length
      options.onProgress(sent)
    }
    if (sum && sum.digest('hex') !== content.hash) throw new Error('the content is damaged')
    if (held) await write(held)
  }

  const feed = async (from: number | undefined): Promise<void> => {
    try {
      if (from !== undefined) await send(from)
    } catch (error) {
      options.onTrouble(error)
    }
    if (!stopped) sink.end(options.terminal ? TERMINAL_END : undefined)
  }

  return {
    push(bytes) {
      if (asked) return bytes
      seen = Buffer.concat([seen, bytes])
      const mark = Buffer.from(`${asks} `)
      const start = seen.indexOf(mark)
      const end = start < 0 ? -1 : seen.indexOf('\n', start)
      if (end < 0) {
        if (start >= 0 || seen.length <= LINE_BYTES) return undefined
        const forward = seen.subarray(0, -mark.length)
        seen = seen.subarray(-mark.length)
        return forward
      }
      asked = true
      const given = seen.toString('latin1', start + mark.length, end).trim()
      const from = /^\d{1,15}$/.test(given) ? Math.min(Number(given), content.size) : undefined
      const own = Buffer.concat([seen.subarray(0, start), seen.subarray(end + 1)])
      seen = Buffer.alloc(0)
      void feed(from)
      return own.length > 0 ? own : undefined
    },
    stop() {
      stopped = true
    },
  }
}
