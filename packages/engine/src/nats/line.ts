// One connection to nats-server: whether it is up, and how to keep trying until what must happen has happened.

import {
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream'
import { type ConnectionOptions, connect, type NatsConnection } from '@nats-io/transport-node'
import { Problem } from '@omserver/core'
import type { After } from '../after.ts'
import { isForbidden } from './answers.ts'

/** Longer than any answer of a server that is well takes; a cut connection is noticed by itself. */
const ANSWER_WITHIN_MS = 5_000

/** An attempt to connect that has not succeeded by then: what accepted it does not answer any more. */
const CONNECT_WITHIN_MS = 5_000

const DIAL_PAUSE_MS = 200
const DIAL_JITTER_MS = 300

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 2_000

/** Trying again will not help. */
export class Hopeless extends Error {
  override readonly name = 'Hopeless'
}

export interface Line {
  readonly nc: NatsConnection
  readonly js: JetStreamClient
  readonly jsm: JetStreamManager
  readonly after: After
  readonly closed: AbortSignal
  /** With a consumer of its own, or message by message, by who may make none: see steps.ts. */
  readonly reads: 'byConsumer' | 'byStep'
  /** Where the streams lie; absent: on the server of this connection. */
  readonly domain: string | undefined
  isUp(): boolean
  /** Bytes that a message may have, headers included. */
  maxPayload(): number
  /** As `work` ends, but rejects as soon as the connection is cut: whether it was done is unknown then. */
  whileUp<T>(work: Promise<T>): Promise<T>
  /** Tries until it succeeds. Rejects with ENGINE_CLOSED, or when trying again will not help. */
  persist<T>(attempt: () => Promise<T>, onTrouble?: (error: unknown) => void): Promise<T>
  /** Waits; shorter when the engine is closed. */
  pause(ms: number): Promise<void>
  onCut(listener: () => void): () => void
  onRestored(listener: () => void): () => void
  close(): Promise<void>
}

const listeners = () => {
  const all = new Set<() => void>()
  return {
    add(listener: () => void): () => void {
      const own = (): void => listener()
      all.add(own)
      return () => {
        all.delete(own)
      }
    },
    call(): void {
      for (const listener of [...all]) listener()
    },
  }
}

const isHopeless = (error: unknown): boolean =>
  error instanceof Problem ||
  error instanceof Hopeless ||
  error instanceof RangeError ||
  isForbidden(error)

/**
 * The client measures its pause before the next attempt by the time of day: after a clock that went back by an hour it
 * would not try again for an hour. So it is told, whenever it asks, how much of the pause is left by another clock.
 */
const pauses = (
  monotonic: () => number,
): Pick<ConnectionOptions, 'reconnectDelayHandler' | 'reconnectToServer'> => {
  let due = 0
  return {
    reconnectDelayHandler: () => {
      const left = due - monotonic()
      return left > 0 ? left : Number.NEGATIVE_INFINITY
    },
    // Asked for right before each attempt: any server will do.
    reconnectToServer: () => {
      due = monotonic() + DIAL_PAUSE_MS + Math.random() * DIAL_JITTER_MS
      return null
    },
  }
}

export const openLine = async (
  options: ConnectionOptions,
  parts: {
    readonly after: After
    readonly closed: AbortSignal
    readonly monotonic?: () => number
    readonly reads?: Line['reads']
    readonly domain?: string | undefined
  },
): Promise<Line> => {
  const { after, closed, reads = 'byConsumer', domain } = parts
  const nc = await connect({
    ...options,
    maxReconnectAttempts: -1,
    ...pauses(parts.monotonic ?? (() => performance.now())),
    timeout: CONNECT_WITHIN_MS,
    // The defaults notice a link that swallows everything only after minutes.
    pingInterval: 3_000,
    maxPingOut: 2,
    // Credentials may be mended while we wait.
    ignoreAuthErrorAbort: true,
  })
  const cut = listeners()
  const restored = listeners()
  let up = true
  // Between two connections the client knows of no server.
  let maxPayload = nc.info?.max_payload ?? 0

  const follow = async (): Promise<void> => {
    for await (const { type } of nc.status()) {
      if (type === 'disconnect') {
        up = false
        cut.call()
      } else if (type === 'reconnect') {
        up = true
        maxPayload = nc.info?.max_payload ?? maxPayload
        restored.call()
      }
    }
  }
  void follow()

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (closed.aborted) return resolve()
      const end = (): void => {
        cancel()
        closed.removeEventListener('abort', end)
        resolve()
      }
      const cancel = after(ms, end)
      closed.addEventListener('abort', end)
    })

  const ready = (): Promise<void> =>
    new Promise((resolve) => {
      if (up || closed.aborted) return resolve()
      const end = (): void => {
        stop()
        closed.removeEventListener('abort', end)
        resolve()
      }
      const stop = restored.add(end)
      closed.addEventListener('abort', end)
    })

  const whileUp = <T>(work: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      // What is sent while there is no connection is thrown away by the next attempt to make one.
      if (!up) reject(new Error('no connection to nats-server'))
      const stop = cut.add(() => {
        stop()
        reject(new Error('the connection to nats-server was cut'))
      })
      work.then(resolve, reject).finally(stop)
    })

  return {
    nc,
    js: jetstream(nc, { timeout: ANSWER_WITHIN_MS, domain }),
    jsm: await jetstreamManager(nc, { timeout: ANSWER_WITHIN_MS, checkAPI: false, domain }),
    after,
    closed,
    reads,
    domain,
    isUp: () => up,
    maxPayload: () => maxPayload,
    whileUp,
    async persist(attempt, onTrouble) {
      for (let ms = FIRST_PAUSE_MS; ; ms = Math.min(2 * ms, LONGEST_PAUSE_MS)) {
        await ready()
        if (closed.aborted) throw new Problem('ENGINE_CLOSED')
        try {
          return await whileUp(attempt())
        } catch (error) {
          if (closed.aborted) throw new Problem('ENGINE_CLOSED')
          if (isHopeless(error)) throw error
          onTrouble?.(error)
        }
        await pause(ms)
      }
    },
    pause,
    onCut: cut.add,
    onRestored: restored.add,
    close: () => nc.close(),
  }
}
