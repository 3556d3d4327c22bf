// The bus of the NATS engine: plain messages, which nobody stores.

import type { Msg } from '@nats-io/transport-node'
import { type Json, Problem } from '@omserver/core'
import type { After } from '../after.ts'
import type { Bus, CallerKind, CallFailure, Idc, Refused, Stop } from '../ports.ts'
import { NotProven, type Signing } from '../signing/signing.ts'
import { callsIn } from './calls-in.ts'
import { callsOut } from './calls-out.ts'
import type { Line } from './line.ts'
import type { Names } from './names.ts'
import { decodeJson, encodeJson } from './payload.ts'
import { decodeSigned, encodeSigned } from './signed-payload.ts'

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
  /** Absent: signals of whoever may send them are believed. */
  readonly signing?: Signing
  readonly refused: (refused: Refused) => void
}): CoreBus => {
  const { line, names, after, signing } = parts
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

  const contextOf = (idc: Idc, topic: string) => ({ what: 'signal', idc, key: topic })
  let emitted = Promise.resolve()

  const emitSigned = async (signer: Signing, idc: Idc, topic: string, data: Json) => {
    const message = await encodeSigned(signer, contextOf(idc, topic), data)
    if (!line.closed.aborted) nc.publish(names.topic(idc, topic), message)
  }

  const readSignal = (idc: Idc, topic: string, data: Uint8Array): Json => {
    if (!signing) return decodeJson(data)
    try {
      return decodeSigned(signing, contextOf(idc, topic), data).value
    } catch (error) {
      if (error instanceof NotProven)
        parts.refused({ ...contextOf(idc, topic), why: error.message })
      throw error
    }
  }

  return {
    emit(idc, topic, data) {
      if (line.closed.aborted) return
      if (!signing) return nc.publish(names.topic(idc, topic), encodeJson(data))
      // In the order in which they were emitted. A signal carries no fact: what cannot be sent is not.
      emitted = emitted.then(() => emitSigned(signing, idc, topic, data)).catch(() => undefined)
    },

    async on(idc, topic, listener) {
      const stop = subscribe(names.topic(idc, topic), ({ data }) =>
        listener(readSignal(idc, topic, data)),
      )
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
