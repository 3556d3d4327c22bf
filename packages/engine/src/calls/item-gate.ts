// Lets items pass in order, as many as the caller has room for; the others wait.

import type { Problem } from '@omserver/core'

interface Waiting {
  readonly send: (n: number) => void
  readonly done: PromiseWithResolvers<void>
}

export interface ItemGate {
  /** Resolves when `send` was called with the number of the item, from 1. */
  pass(send: (n: number) => void): Promise<void>
  /** Items up to that number may pass; a smaller number than before changes nothing. */
  open(upto: number): void
  /** What waits is rejected, and whatever comes later. */
  close(problem: Problem): void
  /** Resolves when nothing waits. */
  settled(): Promise<void>
  passed(): number
}

export const itemGate = (window: number): ItemGate => {
  let upto = window
  let passed = 0
  let closed: Problem | undefined
  let last: Promise<void> = Promise.resolve()
  const waiting: Waiting[] = []

  const letPass = (): void => {
    while (passed < upto) {
      const next = waiting.shift()
      if (!next) return
      try {
        next.send(++passed)
        next.done.resolve()
      } catch (error) {
        next.done.reject(error)
      }
    }
  }

  return {
    pass(send) {
      if (closed) return Promise.reject(closed)
      const done = Promise.withResolvers<void>()
      waiting.push({ send, done })
      last = done.promise.catch(() => undefined)
      letPass()
      return done.promise
    },
    open(more) {
      if (closed || !(more > upto)) return
      upto = more
      letPass()
    },
    close(problem) {
      closed ??= problem
      for (const { done } of waiting.splice(0)) done.reject(closed)
    },
    settled: () => last,
    passed: () => passed,
  }
}
