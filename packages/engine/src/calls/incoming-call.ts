// One call as its service sees it: who may, what is handed over, and everything that ends it.

import { type Json, Problem } from '@omserver/core'
import type { After } from '../after.ts'
import type { Caller, CallFailure, Handler, Idc, Service } from '../ports.ts'
import { startBeat } from './beat.ts'
import { frameOf, readFrame } from './frame.ts'
import { itemGate } from './item-gate.ts'
import { type AnswerPart, type ControlPart, deadlineOf, problemPart } from './parts.ts'
import { checkProtocol } from './protocol-version.ts'

export interface Served extends Service {
  readonly idc: Idc
  readonly method: string
  readonly handler: Handler
}

export interface Request {
  readonly caller: Caller
  /** Which call it is, for logs on both sides. */
  readonly call: string
  readonly deadlineMs: number | undefined
  /** Items that may be sent before the caller has said more; 0: it takes none. */
  readonly window: number
  readonly argument: Uint8Array
}

export interface IncomingCall {
  start(): void
  receive(part: ControlPart): void
  /** Ends it, and lets the caller know. */
  fail(problem: Problem): void
}

export const incomingCall = (parts: {
  readonly served: Served
  readonly request: Request
  readonly protocol: number
  readonly after: After
  readonly beatMs: number
  readonly reply: (part: AnswerPart) => void
  readonly onFailure: (failure: CallFailure) => void
  readonly onOver: () => void
}): IncomingCall => {
  const { served, request, after, reply } = parts
  const { idc, method, handler } = served
  const { caller } = request
  const abort = new AbortController()
  const gate = itemGate(request.window)
  let over = false

  const end = (reason: Problem, part?: AnswerPart): void => {
    if (over) return
    over = true
    stopDeadline()
    beat.stop()
    gate.close(reason)
    parts.onOver()
    if (part) reply(part)
  }
  /** Nobody waits for an answer. */
  const drop = (reason: Problem): void => {
    if (over) return
    end(reason)
    abort.abort(reason)
  }
  const cancelled = new Problem('BUS_CANCELLED', { method })
  const deadlineMs = deadlineOf(request.deadlineMs)
  const stopDeadline = after(deadlineMs, () =>
    drop(new Problem('BUS_TIMEOUT', { idc, method, ms: deadlineMs })),
  )
  const beat = startBeat({
    after,
    beatMs: parts.beatMs,
    onBeat: () => reply({ kind: 'alive' }),
    onSilence: () => drop(new Problem('BUS_GONE', { idc, method, peer: caller.name })),
  })

  /** What the caller is told of it. */
  const problemOf = (error: unknown): Problem => {
    if (error instanceof Problem) return error
    parts.onFailure({ idc, method, caller, call: request.call, error })
    return new Problem('BUS_FAILED', { idc, method, peer: served.self, call: request.call })
  }

  const admit = async (): Promise<void> => {
    checkProtocol(caller.name, caller.protocol, parts.protocol)
    if (served.callers.includes(caller.kind) && (await (served.may?.(caller) ?? true))) return
    throw new Problem('NOT_ALLOWED', { method, kind: caller.kind, name: caller.name })
  }

  const passOn = async (item: Json): Promise<void> => {
    if (request.window === 0) throw new Problem('ITEMS_UNWANTED', { method })
    const bytes = frameOf(item, method)
    await gate.pass((n) => reply({ kind: 'item', n, bytes }))
  }

  const emit = (item: Json): Promise<void> => {
    const passed = passOn(item)
    // A handler that does not look at it must not bring the process down when the caller goes away.
    passed.catch(() => undefined)
    return passed
  }

  const run = async (): Promise<void> => {
    try {
      await admit()
      const argument = readFrame(request.argument, method)
      const { signal } = abort
      const answer = await handler(argument, {
        ...{ caller, signal, emit },
        takesItems: request.window > 0,
      })
      const bytes = frameOf(answer, method)
      await gate.settled()
      end(cancelled, { kind: 'end', items: gate.passed(), bytes })
    } catch (error) {
      // Whatever a handler says that nobody waits for any more is the echo of that.
      if (over) return
      end(cancelled, problemPart(problemOf(error), gate.passed(), method))
    }
  }

  return {
    start: () => void run(),
    receive(part) {
      if (over) return
      beat.heard()
      if (part.kind === 'cancel') drop(cancelled)
      else gate.open(part.upto)
    },
    fail(problem) {
      if (over) return
      end(problem, problemPart(problem, gate.passed(), method))
      abort.abort(problem)
    },
  }
}
