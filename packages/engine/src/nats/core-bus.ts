// The bus of the NATS engine: plain messages, which nobody stores.

import type { Msg } from '@nats-io/transport-node'
import { Problem } from '@omserver/core'
import type { After } from '../after.ts'
import type { Bus, CallerKind, CallFailure, Stop } from '../ports.ts'
import { callsIn } from './calls-in.ts'
import { callsOut } from './calls-out.ts'
import type { Line } from './line.ts'
import type { Names } from './names.ts'
import { decodeJson, encodeJson } from './payload.ts'

/** How long the last words to the other side may take. */
const FAREWELL_MS = 1_000

export interface CoreBus extends Bus {
  /** Ends the calls of both directions at once. Resolves when the other side was told, or soon after. */
  close(): Promise<void>
}

export const coreBus = (parts: {
  readonly line: Line
  readonly names: Names
  readonly after: After
  readonly newId: () => string
  /** Who we are to those whom we call. */
  readonly kind: CallerKind
  readonly name: string
  readonly protocol: number
  readonly beatMs: number
  readonly onFailure: (failure: CallFailure) => void
}): CoreBus => {
  const { line, names, after } = parts
  const { nc } = line

  /** When the server knows of every subscription. */
  const flushed = (): Promise<void> => line.persist(() => nc.flush())

  const subscribe = (subject: string, on: (message: Msg) => void, queue?: string): Stop => {
    if (line.closed.aborted) throw new Problem('ENGINE_CLOSED')
    const subscription = nc.subscribe(subject, {
      queue,
      callback(error, message) {
        if (error) return
        try {
          on(message)
        } catch {
          // A message that nobody can read, or a listener that throws, must not end the connection for all others.
        }
      },
    })
    return async () => {
      if (line.closed.aborted) return
      subscription.unsubscribe()
      await flushed()
    }
  }

  const outgoing = callsOut(parts)
  const incoming = callsIn({ ...parts, subscribe, flushed })

  return {
    emit(idc, topic, data) {
      if (!line.closed.aborted) nc.publish(names.topic(idc, topic), encodeJson(data))
    },

    async on(idc, topic, listener) {
      const stop = subscribe(names.topic(idc, topic), ({ data }) => listener(decodeJson(data)))
      await flushed()
      return stop
    },

    call: outgoing.call,
    serve: incoming.serve,

    async close() {
      outgoing.close()
      incoming.close()
      if (!line.isUp() || nc.isClosed()) return
      const late = Promise.withResolvers<void>()
      const stop = after(FAREWELL_MS, late.resolve)
      await Promise.race([nc.flush().catch(() => undefined), late.promise])
      stop()
    },
  }
}
