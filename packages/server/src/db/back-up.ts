// Copies a database file, whole and as of one moment, while a server may be writing to it.

import { chmodSync, closeSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'

interface BackedUp {
  readonly bytes: number
  /** Runs that had not ended. */
  readonly runsUnderWay: number
}

/** All at once: a copy in steps begins anew whenever somebody writes in between. */
const ALL_PAGES = 2 ** 31 - 1

/**
 * In the copy, runs under way are stopped: their hosts may have run by the time it is restored, and would run again.
 * Throws Error: EEXIST where `to` is there, what SQLite says, and when the copy is not sound. Leaves nothing behind then.
 */
export const backUpDatabase = async (from: string, to: string): Promise<BackedUp> => {
  // Nobody else may read it, from the first byte on; and a file that is there is somebody's.
  closeSync(openSync(to, 'wx', 0o600))
  const part = `${to}.part`
  try {
    const source = new Database(from, { readonly: true, fileMustExist: true })
    try {
      closeSync(openSync(part, 'wx', 0o600))
      await source.backup(part, { progress: () => ALL_PAGES })
    } finally {
      source.close()
    }
    const runsUnderWay = stopRuns(part)
    chmodSync(part, 0o600)
    renameSync(part, to)
    return { bytes: statSync(to).size, runsUnderWay }
  } catch (error) {
    for (const file of [part, `${part}-wal`, `${part}-shm`, to]) rmSync(file, { force: true })
    throw error
  }
}

const stopRuns = (file: string): number => {
  const copy = new Database(file)
  try {
    // One file, without a log beside it.
    copy.pragma('journal_mode = delete')
    const checked = copy.pragma('quick_check', { simple: true })
    if (checked !== 'ok') throw new Error(`quick_check: ${checked}`)
    return copy
      .prepare(
        `update runs set stop_reason = 'aborted'
         where stop_reason is null and state not in ('succeeded', 'failed', 'aborted')`,
      )
      .run().changes
  } finally {
    copy.close()
  }
}
