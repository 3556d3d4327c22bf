// The wall between databases: the statements that SQLite, MySQL and PostgreSQL write differently, or must batch.

import type { DatabaseConnection } from 'kysely'
import type { Db } from './open-db.ts'
import { Lane } from './server-driver.ts'
import type { ManyRows, Row, SqlAnswer, Statement } from './sql-client.ts'
import { rawConnection } from './sqlite.ts'
import { insertSql, type RowStatement, updateSql, upsertSql } from './sqlite-rows.ts'
import type { Tables } from './tables.ts'

type Name = keyof Tables & string
type Column<T extends Name> = keyof Tables[T] & string

/**
 * Inserts any number of rows, all with the same columns, in the caller's transaction or in one of its own.
 * A row that exists fails the whole call.
 */
export const insertRows = <T extends Name>(
  db: Db,
  table: T,
  rows: readonly Tables[T][],
): Promise<void> =>
  write(db, rows, {
    file: (columns) => insertSql(table, columns),
    server: (many, all, run) => runAll(many.insert(table, all), run),
  })

/** Inserts rows; where `keys` (a primary or unique key) exist already, every other given column is overwritten. */
export const upsertRows = <T extends Name>(
  db: Db,
  table: T,
  keys: readonly Column<T>[],
  rows: readonly Tables[T][],
): Promise<void> =>
  write(db, rows, {
    file: (columns) => upsertSql(table, columns, keys),
    server: (many, all, run) => many.upsert(table, keys, lastOfEach(all, keys), run),
  })

/** Updates the given columns of many rows, each found by its `keys`. A row that does not exist is passed over. */
export const updateRows = <T extends Name>(
  db: Db,
  table: T,
  keys: readonly Column<T>[],
  rows: readonly Partial<Tables[T]>[],
): Promise<void> =>
  write(db, rows, {
    file: (columns) => updateSql(table, columns, keys),
    server: (many, all, run) => runAll(many.update(table, keys, lastOfEach(all, keys)), run),
  })

type Run = (statement: Statement) => Promise<SqlAnswer>

interface Ways {
  /** One statement, run for each row. */
  readonly file: (columns: readonly string[]) => RowStatement
  readonly server: (many: ManyRows, rows: readonly Row[], run: Run) => Promise<void>
}

const runAll = async (statements: Iterable<Statement>, run: Run): Promise<void> => {
  for (const statement of statements) await run(statement)
}

/** Row by row the last one wins; one statement for many rows would be refused, or take any. */
const lastOfEach = (rows: readonly Row[], keys: readonly string[]): readonly Row[] => {
  const last = new Map(rows.map((row) => [JSON.stringify(keys.map((key) => row[key])), row]))
  return last.size === rows.length ? rows : [...last.values()]
}

const write = async (db: Db, rows: readonly object[], ways: Ways): Promise<void> => {
  const first = rows[0]
  if (first === undefined) return
  if (!db.isTransaction) return db.transaction().execute((trx) => write(trx, rows, ways))
  const all = rows as readonly Row[]
  await db.getExecutor().provideConnection(async (connection: DatabaseConnection) => {
    if (connection instanceof Lane) {
      await ways.server(connection.rows, all, (statement) => connection.run(statement))
      return
    }
    const file = rawConnection(connection)
    if (file === undefined) throw new Error('rows for a database that was not opened here')
    const { sql, order } = ways.file(Object.keys(first))
    file.guard(() => {
      const statement = file.statement(sql)
      for (const row of all) statement.run(...order.map((column) => row[column] ?? null))
    })
  })
}
