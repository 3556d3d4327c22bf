// One server per data folder: a lock the operating system drops when its holder dies, however it dies.

import { join } from 'node:path'
import { Problem } from '@omserver/core'
import Database from 'better-sqlite3'

const LOCK_FILE = 'server.lock'

/**
 * Holds the folder until the returned function is called or the process ends.
 * Throws Problem('DATA_FOLDER_IN_USE', {folder}) when another process, or another server of this one, holds it.
 */
export const lockFolder = (folder: string): (() => void) => {
  // An exclusive SQLite transaction on a file of its own is a byte-range lock of the kernel: kill -9 leaves nothing
  // behind that would have to be told apart from a living server, which a pid file does.
  const lock = new Database(join(folder, LOCK_FILE), { timeout: 0 })
  try {
    // A rollback journal beside the lock would look like a crashed transaction to the next server.
    lock.pragma('journal_mode = OFF')
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      throw new Problem('DATA_FOLDER_IN_USE', { folder })
    }
    throw error
  }
  return () => {
    if (lock.open) lock.close()
  }
}
