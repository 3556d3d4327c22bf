// One transaction for what several callers write at the same time: with many small changes it is the waits for the
// disk, not the rows, that cost.

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Db } from './open-db.ts'

/** May be called twice: when one of those that share fails, each is done again in a transaction of its own. */
export type Write = (trx: Db) => Promise<void>

/** Resolves when it is committed; rejects with what went wrong with this write and no other. */
export type SharedTransaction = (rows: number, write: Write) => Promise<void>

/** Turns of the event loop in which others may join, as long as each brings one. */
const JOINING_TURNS = 8

/** Rows of one transaction: about 30 ms, in which nobody else is answered. */
const MOST_ROWS = 1_000

interface Waiting {
  readonly rows: number
  readonly write: Write
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

export const sharedTransaction = (db: Db): SharedTransaction => {
  const waiting: Waiting[] = []
  let isCommitting = false

  const commit = async (all: readonly Waiting[]): Promise<void> => {
    try {
      await db.transaction().execute(async (trx) => {
        for (const { write } of all) await write(trx)
      })
      for (const { resolve } of all) resolve()
    } catch (error) {
      const [only] = all
      if (all.length === 1) only?.reject(error)
      else for (const one of all) await commit([one])
    }
  }

  const commitAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      for (let turn = 0, seen = 0; turn < JOINING_TURNS && seen < waiting.length; turn++) {
        seen = waiting.length
        await nextTurn()
      }
      await commit(waiting.splice(0, fitting(waiting)))
    }
    isCommitting = false
  }

  return (rows, write) =>
    new Promise((resolve, reject) => {
      waiting.push({ rows, write, resolve, reject })
      if (isCommitting) return
      isCommitting = true
      void commitAll()
    })
}

/** How many of them one transaction takes: at least one. */
const fitting = (waiting: readonly Waiting[]): number => {
  let rows = 0
  const over = waiting.findIndex((one) => {
    rows += one.rows
    return rows > MOST_ROWS
  })
  return over < 0 ? waiting.length : Math.max(1, over)
}
