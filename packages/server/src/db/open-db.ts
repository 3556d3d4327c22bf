// Opens the database of a data folder: locks the folder, sets SQLite up, and runs the migrations.

import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Problem } from '@omserver/core'
import { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { lockFolder } from './folder-lock.ts'
import { migrate, migrations } from './migrate.ts'
import { SqliteFile, sqliteDialect, type WriteState } from './sqlite.ts'
import type { Tables } from './tables.ts'

/**
 * One connection: a query waits for the transaction under way, and a query on `db` from inside
 * `db.transaction()` would wait for itself. Inside a transaction use the `trx` it hands out.
 */
export type Db = Kysely<Tables>

export interface OpenDbOptions {
  /** Path of the SQLite file; its folder is made when absent, and locked. */
  readonly file: string
  readonly log: Pick<Logger, 'info'>
  readonly now?: () => number
}

const writeStates = new WeakMap<Db, WriteState>()

/** Why the last write failed (DISK_FULL, DB_UNWRITABLE, DB_DAMAGED), until a write succeeds again. */
export const writeTrouble = (db: Db): Problem | undefined => writeStates.get(db)?.trouble

/**
 * `db.destroy()` closes the file and unlocks the folder.
 * Throws Problem: DATA_FOLDER_IN_USE, DB_NEWER, DISK_FULL, DB_UNWRITABLE, DB_DAMAGED.
 */
export const openDb = async (options: OpenDbOptions): Promise<Db> => {
  const folder = dirname(options.file)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const unlock = lockFolder(folder)
  // SQLite gives its log the mode of the file: what hosts printed is nobody else's, wherever the folder stands.
  closeSync(openSync(options.file, 'a', 0o600))
  chmodSync(options.file, 0o600)
  let file: SqliteFile
  try {
    file = new SqliteFile(options.file, unlock)
  } catch (error) {
    unlock()
    throw error
  }
  const db = new Kysely<Tables>({ dialect: sqliteDialect(file) })
  writeStates.set(db, file.writes)
  try {
    const done = await migrate(db as unknown as Kysely<unknown>, {
      steps: migrations,
      now: options.now ?? Date.now,
    })
    if (done.length > 0) options.log.info({ steps: done }, 'database migrated')
  } catch (error) {
    await db.destroy()
    throw error
  }
  return db
}
