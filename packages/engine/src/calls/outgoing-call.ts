// One call as its caller sees it: items in order, then the answer; or the reason why there is none.

import { type Json, Problem } from '@omserver/core'
import type { After } from '../after.ts'
import type { CallOptions, Idc } from '../ports.ts'
import { startBeat } from './beat.ts'
import { readFrame } from './frame.ts'
import {
  type AnswerPart,
  type ControlPart,
  deadlineOf,
  detailsIn,
  isCode,
  WINDOW,
} from './parts.ts'
import { RemoteProblem } from './remote-problem.ts'

export interface OutgoingCall {
  readonly answered: Promise<Json>
  receive(part: AnswerPart, peer: string): void
  /** Ends it, and lets the other side know. */
  fail(problem: Problem): void
}

export const outgoingCall = (parts: {
  readonly idc: Idc
  readonly method: string
  readonly options: CallOptions
  readonly after: After
  readonly beatMs: number
  /** @param peer who answers, as far as that is known */
  readonly control: (part: ControlPart, peer: string | undefined) => void
  readonly onOver: () => void
}): OutgoingCall => {
  const { idc, method, after } = parts
  const { signal, onItem, to } = parts.options
  const deadlineMs = deadlineOf(parts.options.timeoutMs)
  const answered = Promise.withResolvers<Json>()
  const items: { readonly value: Json }[] = []
  let peer = to
  let arrived = 0
  let consumed = 0
  let upto = onItem ? WINDOW : 0
  let last: Extract<AnswerPart, { readonly kind: 'end' | 'problem' }> | undefined
  let consuming = false
  let over = false

  const end = (settle: () => void): void => {
    if (over) return
    over = true
    stopDeadline()
    beat.stop()
    signal?.removeEventListener('abort', onCancel)
    parts.onOver()
    settle()
  }
  /** `last` has been said: then there is nobody to tell. */
  const giveUp = (error: unknown): void => {
    if (over) return
    if (!last) parts.control({ kind: 'cancel' }, peer)
    end(() => answered.reject(error))
  }
  const gone = (): Problem => new Problem('BUS_GONE', { idc, method, peer: peer ?? '?' })
  const onCancel = (): void => giveUp(new Problem('BUS_CANCELLED', { method }))
  signal?.addEventListener('abort', onCancel)
  const stopDeadline = after(deadlineMs, () =>
    giveUp(new Problem('BUS_TIMEOUT', { idc, method, ms: deadlineMs })),
  )
  const beat = startBeat({
    after,
    beatMs: parts.beatMs,
    onBeat: () => parts.control({ kind: 'upto', upto }, peer),
    onSilence: () => giveUp(gone()),
  })

  const answerIn = (part: NonNullable<typeof last>): Json => {
    if (part.kind === 'end') return readFrame(part.bytes, method)
    const code = isCode(part.code) ? part.code : 'BUS_FAILED'
    throw new RemoteProblem(code, detailsIn(part.bytes, method), {
      idc,
      method,
      peer: peer ?? '?',
    })
  }

  const finish = (part: NonNullable<typeof last>): void => {
    try {
      const answer = answerIn(part)
      end(() => answered.resolve(answer))
    } catch (error) {
      giveUp(error)
    }
  }

  const consume = async (): Promise<void> => {
    if (consuming) return
    consuming = true
    for (let item = items.shift(); item && !over; item = items.shift()) {
      try {
        await onItem?.(item.value)
      } catch (error) {
        giveUp(error)
        return
      }
      consumed++
      if (consumed + WINDOW - upto < WINDOW / 2 || last || over) continue
      upto = consumed + WINDOW
      parts.control({ kind: 'upto', upto }, peer)
    }
    consuming = false
    if (last && !over) finish(last)
  }

  const take = (part: AnswerPart): void => {
    if (part.kind === 'alive') return
    if (part.kind !== 'item') {
      if (part.items !== arrived) throw gone()
      last = part
      // From here on it is the caller's own time.
      beat.stop()
      void consume()
      return
    }
    if (part.n <= arrived) return
    // One was lost on the way, or there are more than were asked for.
    if (part.n !== arrived + 1 || part.n > upto) throw gone()
    items.push({ value: readFrame(part.bytes, method) })
    arrived = part.n
    void consume()
  }

  return {
    answered: answered.promise,
    receive(part, from) {
      if (over || last) return
      // Whoever took it first has it.
      if (peer !== undefined && from !== peer) return
      beat.heard()
      peer = from
      try {
        take(part)
      } catch (error) {
        giveUp(error)
      }
    },
    fail: giveUp,
  }
}
