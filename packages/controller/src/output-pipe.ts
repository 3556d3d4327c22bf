// Carries one host's output to the log: head at once, tail at the end, what lies between is counted.

import type { OutputStream } from '@omserver/core'
import { type AnswerContext, type AnsweredEnd, createAnswerHash } from './answer-hash.ts'
import type { FlushTicker } from './flush-ticker.ts'
import { type OutputBudget, SPARE_HOST_BYTES } from './output-budget.ts'
import { toChunks } from './output-chunks.ts'
import type { OutputRoom } from './output-room.ts'
import { createTailRing, type Piece, type TailRing } from './tail-ring.ts'

/** Enough for an event of its own, without waiting for more. */
const FULL_BYTES = 16 * 1024

export interface OutputPipe {
  /** undefined: go on. Else resolves when the log has caught up. */
  push(stream: OutputStream, bytes: Uint8Array): Promise<void> | undefined
  /** For whoever watches: no part of the answer. */
  note(bytes: Uint8Array): void
  /** So many bytes were not kept on the host: counted, no more. */
  miss(bytes: number): void
  /** Sends what is pending, and the tail. */
  end(): { readonly outputBytes: number; readonly truncated: boolean }
  /** After `end`. */
  answer(end: AnsweredEnd, context: AnswerContext): string
  /** Forgets what it holds; nothing is sent. */
  drop(): void
}

export const createOutputPipe = (options: {
  readonly perHost: number
  readonly budget: OutputBudget
  readonly room: OutputRoom
  readonly ticker: FlushTicker
  readonly send: (stream: OutputStream, offset: number, bytes: Uint8Array) => void
}): OutputPipe => {
  const { budget, room, ticker } = options
  const hash = createAnswerHash()
  let pending: Piece[] = []
  let pendingBytes = 0
  let headBytes = 0
  let offset = 0
  let outputBytes = 0
  let tail: TailRing | undefined

  const send = (pieces: readonly Piece[]): void => {
    for (const { stream, bytes } of toChunks(pieces)) {
      hash.update(stream, bytes)
      options.send(stream, offset, bytes)
      offset += bytes.length
    }
  }

  const flush = (): void => {
    if (pendingBytes === 0) return
    const pieces = pending
    pending = []
    pendingBytes = 0
    send(pieces)
  }

  const pushTail = (stream: OutputStream, bytes: Uint8Array, cap: number): void => {
    tail ??= createTailRing()
    const { size, length } = tail
    const narrow = Math.min(cap, Math.max(size, SPARE_HOST_BYTES / 2))
    tail.push(stream, bytes, budget.roomForTails() ? cap : narrow)
    budget.hold(tail.size - size)
    budget.keep(tail.length - length)
  }

  return {
    push(stream, bytes) {
      outputBytes += bytes.length
      const cap = budget.capOf(options.perHost)
      const headCap = Math.floor(cap / 2)
      const live = Math.min(bytes.length, Math.max(0, headCap - headBytes))
      // Once something went into the tail, what comes later must not overtake it.
      const head = tail ? 0 : live
      if (head > 0) {
        headBytes += head
        budget.keep(head)
        pending.push({ stream, bytes: head === bytes.length ? bytes : bytes.subarray(0, head) })
        pendingBytes += head
        if (pendingBytes >= FULL_BYTES) flush()
        else ticker.add(flush)
      }
      if (head < bytes.length) pushTail(stream, bytes.subarray(head), cap - headCap)
      return head > 0 ? room.wait() : undefined
    },
    note(bytes) {
      if (tail) return
      flush()
      outputBytes += bytes.length
      headBytes += bytes.length
      budget.keep(bytes.length)
      options.send('stderr', offset, bytes)
      offset += bytes.length
    },
    miss(bytes) {
      outputBytes += bytes
    },
    end() {
      ticker.remove(flush)
      flush()
      if (tail) {
        budget.hold(-tail.size)
        send(tail.drain())
      }
      return { outputBytes, truncated: offset < outputBytes }
    },
    answer: (end, context) => hash.digest(end, context),
    drop() {
      ticker.remove(flush)
      if (tail) budget.hold(-tail.size)
      tail = undefined
      pending = []
      pendingBytes = 0
    },
  }
}
