// SQLite as Kysely wants it: one connection in WAL mode, prepared statements kept, trouble with writing remembered.

import { Problem } from '@omserver/core'
import Database from 'better-sqlite3'
import type { DatabaseConnection } from 'kysely'
import { SqliteDialect } from 'kysely'

/** What went wrong with the last write, until one succeeds again. */
export interface WriteState {
  trouble: Problem | undefined
}

const KEPT_STATEMENTS = 500

/**
 * The connection below a Kysely connection, for statements run many times over with different rows: compiling
 * one multi-row statement per batch costs more than writing the rows.
 */
const rawConnections = new WeakMap<DatabaseConnection, SqliteFile>()
export const rawConnection = (connection: DatabaseConnection): SqliteFile | undefined =>
  rawConnections.get(connection)

const troubleCodes = /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|CORRUPT|NOTADB)/

export class SqliteFile {
  readonly writes: WriteState = { trouble: undefined }
  readonly #db: Database.Database
  readonly #file: string
  readonly #statements = new Map<string, Database.Statement>()

  constructor(file: string) {
    this.#file = file
    this.#db = this.guard(() => configured(file))
  }

  prepare(sql: string) {
    const statement = this.guard(() => this.statement(sql))
    return {
      reader: statement.reader,
      all: (parameters: readonly unknown[]) => this.guard(() => statement.all(...parameters)),
      run: (parameters: readonly unknown[]) =>
        this.guard(() => {
          // SQLite has rolled back by itself when the disk is full; rolling back again would hide why.
          if (sql === 'rollback' && !this.#db.inTransaction)
            return { changes: 0, lastInsertRowid: 0 }
          const result = statement.run(...parameters)
          if (sql === 'commit' || (result.changes > 0 && !this.#db.inTransaction)) {
            this.writes.trouble = undefined
          }
          return result
        }),
      // A statement that is being read row by row is busy; the cache must not hand it out meanwhile.
      iterate: (parameters: readonly unknown[]) =>
        this.guard(() => this.#db.prepare(sql).iterate(...parameters)),
    }
  }

  statement(sql: string): Database.Statement {
    const kept = this.#statements.get(sql)
    if (kept) return kept
    const statement = this.#db.prepare(sql)
    if (this.#statements.size >= KEPT_STATEMENTS) {
      const [oldest] = this.#statements.keys()
      if (oldest !== undefined) this.#statements.delete(oldest)
    }
    this.#statements.set(sql, statement)
    return statement
  }

  guard<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      if (error instanceof Database.SqliteError && troubleCodes.test(error.code)) {
        const problem = new Problem(codeOf(error), { file: this.#file, reason: error.message })
        problem.cause = error
        this.writes.trouble = problem
        throw problem
      }
      throw error
    }
  }

  close(): void {
    this.#statements.clear()
    this.#db.close()
  }
}

const codeOf = ({ code }: { readonly code: string }): string => {
  if (code === 'SQLITE_FULL') return 'DISK_FULL'
  return /^SQLITE_(CORRUPT|NOTADB)/.test(code) ? 'DB_DAMAGED' : 'DB_UNWRITABLE'
}

const configured = (file: string): Database.Database => {
  const db = new Database(file, { timeout: 5000 })
  db.pragma('journal_mode = WAL')
  // FULL, not NORMAL: both survive kill -9, but after a power cut NORMAL may forget the last commits. A started
  // row that is forgotten is a command that would run twice. The price is one fsync per commit (measured: 0.4 ms
  // on a virtual disk), which batched commits pay seldom.
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  db.pragma('temp_store = MEMORY')
  db.pragma('cache_size = -32000')
  // Truncates the log after a burst, so that one large run does not keep the disk for ever.
  db.pragma('journal_size_limit = 67108864')
  return db
}

export const sqliteDialect = (file: SqliteFile): SqliteDialect =>
  new SqliteDialect({
    database: file,
    onCreateConnection: async (connection) => {
      rawConnections.set(connection, file)
    },
  })
