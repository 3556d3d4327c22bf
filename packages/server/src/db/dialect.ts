// The wall between databases: the statements that SQLite, MySQL and PostgreSQL write differently, or must batch.

import type { DatabaseConnection } from 'kysely'
import type { Db } from './open-db.ts'
import { rawConnection } from './sqlite.ts'
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
): Promise<void> => forEachRow(db, rows, (columns) => insertSql(table, columns))

/** Inserts rows; where `keys` (a primary or unique key) exist already, every other given column is overwritten. */
export const upsertRows = <T extends Name>(
  db: Db,
  table: T,
  keys: readonly Column<T>[],
  rows: readonly Tables[T][],
): Promise<void> =>
  forEachRow(db, rows, (columns) => {
    const rest = columns.filter((column) => !keys.some((key) => key === column))
    const then =
      rest.length === 0
        ? 'do nothing'
        : `do update set ${rest.map((column) => `${quote(column)} = excluded.${quote(column)}`).join(', ')}`
    return {
      ...insertSql(table, columns),
      sql: `${insertSql(table, columns).sql} on conflict (${keys.map(quote).join(', ')}) ${then}`,
    }
  })

/** Updates the given columns of many rows, each found by its `keys`. A row that does not exist is passed over. */
export const updateRows = <T extends Name>(
  db: Db,
  table: T,
  keys: readonly Column<T>[],
  rows: readonly Partial<Tables[T]>[],
): Promise<void> =>
  forEachRow(db, rows, (columns) => {
    const rest = columns.filter((column) => !keys.some((key) => key === column))
    return {
      sql: `update ${quote(table)} set ${rest.map((column) => `${quote(column)} = ?`).join(', ')} where ${keys
        .map((key) => `${quote(key)} = ?`)
        .join(' and ')}`,
      order: [...rest, ...keys],
    }
  })

interface RowStatement {
  readonly sql: string
  /** Columns in the order of the placeholders. */
  readonly order: readonly string[]
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

const insertSql = (table: string, columns: readonly string[]): RowStatement => ({
  sql: `insert into ${quote(table)} (${columns.map(quote).join(', ')}) values (${columns.map(() => '?').join(', ')})`,
  order: columns,
})

const forEachRow = async (
  db: Db,
  rows: readonly object[],
  write: (columns: readonly string[]) => RowStatement,
): Promise<void> => {
  const first = rows[0]
  if (first === undefined) return
  if (!db.isTransaction) {
    return db.transaction().execute((trx) => forEachRow(trx, rows, write))
  }
  const { sql: text, order } = write(Object.keys(first))
  await db.getExecutor().provideConnection(async (connection: DatabaseConnection) => {
    const file = rawConnection(connection)
    if (file === undefined) throw new Error('no statement for many rows on this database yet')
    file.guard(() => {
      const statement = file.statement(text)
      for (const row of rows) {
        const values = row as Readonly<Record<string, unknown>>
        statement.run(...order.map((column) => values[column] ?? null))
      }
    })
  })
}
