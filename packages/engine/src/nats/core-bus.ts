// The bus of the NATS engine: plain messages, which nobody stores.

import { errors, headers, type Msg, type MsgHdrs } from '@nats-io/transport-node'
import { type Json, Problem } from '@omserver/core'
import type { After } from '../after.ts'
import type { Bus, Idc, Stop } from '../ports.ts'
import { isUnheard } from './answers.ts'
import type { Line } from './line.ts'
import type { Names } from './names.ts'
import { decodeDetails, decodeJson, encodeJson } from './payload.ts'

const DEFAULT_DEADLINE_MS = 10_000

/** On a request, and on what ends it before its time: which call it is. */
const CALL = 'Om-Call'
/** On a request: how long the caller waits. */
const DEADLINE = 'Om-Deadline-Ms'
/** On an answer: the code of the problem that it tells of instead. */
const PROBLEM = 'Om-Problem'

const GROUP = 'controllers'

const marked = (marks: Readonly<Record<string, string>>): MsgHdrs => {
  const all = headers()
  for (const [name, value] of Object.entries(marks)) all.set(name, value)
  return all
}

export const coreBus = (parts: {
  readonly line: Line
  readonly names: Names
  readonly after: After
  readonly newId: () => string
}): Bus => {
  const { line, names, after, newId } = parts
  const { nc } = line
  /** Calls that are being answered here. */
  const answering = new Map<string, AbortController>()
  const cancelsHeard = new Set<Idc>()

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

  /** When the server knows of every subscription. */
  const flushed = (): Promise<void> => line.persist(() => nc.flush())

  const hearCancels = (idc: Idc): void => {
    if (cancelsHeard.has(idc)) return
    cancelsHeard.add(idc)
    subscribe(names.cancel(idc), (message) => {
      answering.get(message.headers?.get(CALL) ?? '')?.abort()
    })
  }

  const failWith = (message: Msg, method: string, error: unknown): void => {
    const text = error instanceof Error ? error.message : String(error)
    const problem =
      error instanceof Problem ? error : new Problem('BUS_FAILED', { method, message: text })
    message.respond(encodeJson(problem.details), { headers: marked({ [PROBLEM]: problem.code }) })
  }

  const answer = async (
    message: Msg,
    method: string,
    handler: (argument: Json, signal: AbortSignal) => Promise<Json>,
  ): Promise<void> => {
    const call = message.headers?.get(CALL) ?? newId()
    const cancel = new AbortController()
    answering.set(call, cancel)
    // The word that it was cancelled may get lost; nobody waits longer than this.
    const deadline = Number(message.headers?.get(DEADLINE)) || DEFAULT_DEADLINE_MS
    const endDeadline = after(deadline, () => cancel.abort())
    try {
      message.respond(encodeJson(await handler(decodeJson(message.data), cancel.signal)))
    } catch (error) {
      if (!line.closed.aborted) failWith(message, method, error)
    } finally {
      endDeadline()
      answering.delete(call)
    }
  }

  const read = (answered: Msg): Json => {
    const code = answered.headers?.get(PROBLEM)
    if (code) throw new Problem(code, decodeDetails(answered.data))
    return decodeJson(answered.data)
  }

  return {
    emit(idc, topic, data) {
      if (!line.closed.aborted) nc.publish(names.topic(idc, topic), encodeJson(data))
    },

    async on(idc, topic, listener) {
      const stop = subscribe(names.topic(idc, topic), ({ data }) => listener(decodeJson(data)))
      await flushed()
      return stop
    },

    async call(idc, method, argument, options = {}) {
      const { to, signal, timeoutMs = DEFAULT_DEADLINE_MS } = options
      if (line.closed.aborted) throw new Problem('ENGINE_CLOSED')
      if (signal?.aborted) throw new Problem('BUS_CANCELLED', { method })
      const call = newId()
      const subject = to === undefined ? names.callAny(idc, method) : names.callOne(idc, to, method)
      const request = nc.request(subject, encodeJson(argument), {
        timeout: timeoutMs,
        headers: marked({ [CALL]: call, [DEADLINE]: String(timeoutMs) }),
      })
      const cancelled = Promise.withResolvers<never>()
      const onCancel = (): void => cancelled.reject(new Problem('BUS_CANCELLED', { method }))
      signal?.addEventListener('abort', onCancel)
      try {
        return read(await Promise.race([request, cancelled.promise]))
      } catch (error) {
        if (line.closed.aborted) throw new Problem('ENGINE_CLOSED')
        if (isUnheard(error)) throw new Problem('BUS_NOBODY', { idc, method })
        const isLate = error instanceof errors.TimeoutError
        if (isLate || (error instanceof Problem && error.code === 'BUS_CANCELLED')) {
          nc.publish(names.cancel(idc), undefined, { headers: marked({ [CALL]: call }) })
        }
        throw isLate ? new Problem('BUS_TIMEOUT', { idc, method, ms: timeoutMs }) : error
      } finally {
        signal?.removeEventListener('abort', onCancel)
        // Nobody may be waiting for it any more.
        request.catch(() => undefined)
      }
    },

    async serve(idc, method, self, handler) {
      hearCancels(idc)
      const on = (message: Msg): void => {
        answer(message, method, handler).catch(() => undefined)
      }
      const stops = [
        subscribe(names.callAny(idc, method), on, GROUP),
        subscribe(names.callOne(idc, self, method), on),
      ]
      await flushed()
      return async () => {
        await Promise.all(stops.map((stop) => stop()))
      }
    },
  }
}
