// Opens the database: locks the data folder, sets the database up, and runs the migrations.

import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Problem } from '@omserver/core'
import { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { DatabasePlace } from './database-url.ts'
import { lockFolder } from './folder-lock.ts'
import { migrate, migrations } from './migrate.ts'
import { type OpenedDatabase, openServer } from './open-server.ts'
import { SqliteFile, sqliteDialect, type WriteState } from './sqlite.ts'
import type { HeldConnection } from './standby-connection.ts'
import type { Tables } from './tables.ts'
import type { Writer } from './writer.ts'

/**
 * One transaction at a time, whatever the database: on `db` inside `db.transaction()` a write would wait for itself,
 * and in SQLite a read as well. Inside a transaction use the `trx` it hands out. Outside of one, SQLite's queries wait
 * for the transaction under way; on a server, reads do not, and see what was committed.
 */
export type Db = Kysely<Tables>

export interface OpenDbOptions {
  /** The data folder; made when absent, and locked. */
  readonly folder: string
  /** `omserver.db` in the data folder when absent. */
  readonly place?: DatabasePlace
  /** Of a server that stood by: the connection that has the lock; the folder is locked already. */
  readonly held?: HeldConnection
  readonly log: Pick<Logger, 'info' | 'warn'>
  readonly now?: () => number
}

const writeStates = new WeakMap<Db, WriteState>()
const writers = new WeakMap<Db, Pick<Writer, 'takenOver' | 'stillHeld'>>()

/**
 * Why the last write failed (DISK_FULL, DB_UNWRITABLE, DB_DAMAGED), until a write succeeds again; why there is no
 * connection (DB_UNREACHABLE, DB_DENIED, DB_IN_USE, DB_CHANGED), until there is one.
 */
export const writeTrouble = (db: Db): Problem | undefined => writeStates.get(db)?.trouble

/** Resolves with the reason when another server writes, or may: nothing is written here any more. */
export const takenOver = (db: Db): Promise<Problem> =>
  writers.get(db)?.takenOver ?? new Promise<Problem>(() => {})

/**
 * Resolves when the database has just said that nobody else writes. Throws Problem DB_UNREACHABLE, DB_CHANGED.
 * A process that was frozen learns only by asking that it is not 12 s ago any more.
 */
export const stillHeld = async (db: Db): Promise<void> => writers.get(db)?.stillHeld()

/**
 * `db.destroy()` closes the database and unlocks the folder.
 * Throws Problem: DATA_FOLDER_IN_USE, DB_NEWER; of a file DISK_FULL, DB_UNWRITABLE, DB_DAMAGED; of a server what
 * `openServer` throws.
 */
export const openDb = async (options: OpenDbOptions): Promise<Db> => {
  const { log, folder } = options
  const place = options.place ?? { kind: 'sqlite', file: join(folder, 'omserver.db') }
  const folders = place.kind === 'sqlite' ? [folder, dirname(place.file)] : [folder]
  const unlock = options.held ? () => {} : lockFolders(folders)
  let opened: OpenedDatabase
  try {
    opened =
      place.kind === 'sqlite' ? openFile(place.file) : await openServer(place, log, options.held)
  } catch (error) {
    unlock()
    throw error
  }
  const db = withUnlock(opened.kysely as Db, unlock)
  writeStates.set(db, opened.state)
  if (opened.writer) writers.set(db, opened.writer)
  try {
    const done = await migrate(opened.kysely, {
      steps: migrations,
      now: options.now ?? Date.now,
    })
    if (done.length > 0) log.info({ steps: done }, 'database migrated')
  } catch (error) {
    await db.destroy()
    throw error
  }
  return db
}

/** Makes them when absent. Throws Problem DATA_FOLDER_IN_USE. */
export const lockFolders = (folders: readonly string[]): (() => void) => {
  const unlocks: (() => void)[] = []
  const unlock = () => {
    for (const one of unlocks.splice(0)) one()
  }
  try {
    for (const folder of new Set(folders.map((path) => resolve(path)))) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      unlocks.push(lockFolder(folder))
    }
  } catch (error) {
    unlock()
    throw error
  }
  return unlock
}

const openFile = (path: string): OpenedDatabase => {
  // SQLite gives its log the mode of the file: what hosts printed is nobody else's, wherever the folder stands.
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
  const file = new SqliteFile(path)
  return { kysely: new Kysely<unknown>({ dialect: sqliteDialect(file) }), state: file.writes }
}

const withUnlock = (db: Db, unlock: () => void): Db => {
  const destroy = db.destroy.bind(db)
  db.destroy = async () => {
    await destroy()
    unlock()
  }
  return db
}
