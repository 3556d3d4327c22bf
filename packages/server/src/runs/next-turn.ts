// Lets everybody else have a turn: long work is done in pieces, so that no request waits for it.

import { setImmediate } from 'node:timers/promises'

export const nextTurn = (): Promise<void> => setImmediate()

/** A piece of work may keep the event loop for about this long, ms. */
const TURN_MS = 15

/** For loops over many rows: awaits a turn whenever the piece has become too long. */
export const turnTaker = (now: () => number): (() => Promise<void> | undefined) => {
  let since = now()
  return () => {
    if (now() - since < TURN_MS) return undefined
    return nextTurn().then(() => {
      since = now()
    })
  }
}
