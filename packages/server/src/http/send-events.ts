// Writes an `events` answer as server-sent events: no faster than the client reads, alive through silent hours.

import { once } from 'node:events'
import type { FastifyReply } from 'fastify'
import type { Logger } from 'pino'
import type { SseEvent } from './handler.ts'

/** Short, so that a page can say "3 s behind" of a line that broke without a word. */
const HEARTBEAT_MS = 2_000
/** Asking who reads is a look into the database: not at every beat. */
const BEATS_A_CHECK = 7

export interface EventStream {
  readonly events: AsyncIterable<SseEvent>
  /** Ends when the client goes away or the server closes. */
  readonly signal: AbortSignal
  /** Whether the reader may still read; asked every few heartbeats, so that a revoked session loses its streams. */
  readonly stillAllowed: () => Promise<boolean>
  readonly log: Pick<Logger, 'error'>
  readonly heartbeatMs?: number
}

/**
 * Resolves when the stream is over. `event: end` tells the client that nothing more will come; a stream that
 * stops without it is to be resumed.
 */
export const sendEvents = async (reply: FastifyReply, stream: EventStream): Promise<void> => {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    // nginx would hold events back until its buffer is full.
    'x-accel-buffering': 'no',
  })
  raw.write(': open\n\n')
  const gone = new AbortController()
  const signal = AbortSignal.any([stream.signal, gone.signal])
  let beats = 0
  const heartbeat = setInterval(async () => {
    if (!raw.writableNeedDrain) raw.write(': \n\n')
    beats += 1
    if (beats % BEATS_A_CHECK === 0 && !(await stream.stillAllowed())) gone.abort()
  }, stream.heartbeatMs ?? HEARTBEAT_MS)
  const iterator = stream.events[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await orAborted(iterator.next(), signal)
      if (next === 'aborted') break
      if (next.done) {
        raw.write('event: end\ndata: {}\n\n')
        break
      }
      if (!raw.write(textOf(next.value)) && !signal.aborted) {
        await once(raw, 'drain', { signal }).catch(() => {})
      }
    }
  } catch (error) {
    // Ended without `event: end`, so that the client comes back for the rest.
    stream.log.error({ err: error }, 'event stream failed')
  } finally {
    clearInterval(heartbeat)
    // Not awaited: a generator that is waiting for its next event answers only when that has come.
    iterator.return?.(undefined)?.catch(() => {})
    if (signal.aborted) raw.destroy()
    else raw.end()
  }
}

/** Not `Promise.race` against one long promise: that keeps every event for as long as the stream lives. */
const orAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T | 'aborted'> =>
  new Promise((resolve, reject) => {
    const stop = (): void => resolve('aborted')
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })

const textOf = (event: SseEvent): string => {
  const id = event.id === undefined ? '' : `id: ${event.id}\n`
  return `${id}data: ${event.json ?? JSON.stringify(event.data)}\n\n`
}
