// Statements for one row in SQLite, to be run for each of many.

import { restOf } from './row-batches.ts'

export interface RowStatement {
  readonly sql: string
  /** Columns in the order of the placeholders. */
  readonly order: readonly string[]
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

export const insertSql = (table: string, columns: readonly string[]): RowStatement => ({
  sql: `insert into ${quote(table)} (${columns.map(quote).join(', ')}) values (${columns.map(() => '?').join(', ')})`,
  order: columns,
})

export const upsertSql = (
  table: string,
  columns: readonly string[],
  keys: readonly string[],
): RowStatement => {
  const rest = restOf(columns, keys)
  const then =
    rest.length === 0
      ? 'do nothing'
      : `do update set ${rest.map((column) => `${quote(column)} = excluded.${quote(column)}`).join(', ')}`
  const { sql, order } = insertSql(table, columns)
  return { sql: `${sql} on conflict (${keys.map(quote).join(', ')}) ${then}`, order }
}

export const updateSql = (
  table: string,
  columns: readonly string[],
  keys: readonly string[],
): RowStatement => {
  const rest = restOf(columns, keys)
  return {
    sql: `update ${quote(table)} set ${rest.map((column) => `${quote(column)} = ?`).join(', ')} where ${keys
      .map((key) => `${quote(key)} = ?`)
      .join(' and ')}`,
    order: [...rest, ...keys],
  }
}
