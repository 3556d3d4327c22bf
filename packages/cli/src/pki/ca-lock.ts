// One command at a time in the folder of a CA: two that write the register at once would lose an entry of one.

import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { reasonOf, refusal } from './refuse.ts'

const LOCK_FILE = 'register.lock'
const LOOK_EVERY_MS = 50
const WAIT_MS = 60_000

/**
 * An exclusive SQLite transaction on a file of its own, as the server locks its data folder: a lock of the kernel,
 * which goes with its holder, however that ends. undefined: somebody holds it.
 */
const tryLock = (dir: string): (() => void) | undefined => {
  const lock = new Database(join(dir, LOCK_FILE), { timeout: 0 })
  try {
    lock.pragma('journal_mode = OFF')
    lock.exec('BEGIN EXCLUSIVE')
    return () => lock.close()
  } catch (error) {
    lock.close()
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return
    throw error
  }
}

/** Waits for its turn. Throws ExitError when that does not come, or the folder cannot be written. */
export const aloneIn = async <T>(dir: string, work: () => T | Promise<T>): Promise<T> => {
  for (let waited = 0; waited < WAIT_MS; waited += LOOK_EVERY_MS) {
    let unlock: (() => void) | undefined
    try {
      unlock = tryLock(dir)
    } catch (error) {
      throw refusal(`写不了 ${dir}：${reasonOf(error)}`, `Cannot write ${dir}: ${reasonOf(error)}`)
    }
    if (unlock) {
      try {
        return await work()
      } finally {
        unlock()
      }
    }
    await setTimeout(LOOK_EVERY_MS)
  }
  throw refusal(
    `另一条 om pki 命令一直占用着 ${dir}。`,
    `Another om pki command has been at work in ${dir} all the time.`,
  )
}
