// Statements for many rows in MySQL and MariaDB.

import { restOf, rowBatches } from './row-batches.ts'
import type { ManyRows, Row, Statement } from './sql-client.ts'

const MOST_ROWS = 500

const quote = (name: string): string => `\`${name.replaceAll('`', '``')}\``
const list = (names: readonly string[]): string => names.map(quote).join(', ')
const marks = (count: number): string => Array.from({ length: count }, () => '?').join(', ')

const valuesOf = (rows: readonly Row[], columns: readonly string[]): unknown[] =>
  rows.flatMap((row) => columns.map((column) => row[column] ?? null))

function* insert(table: string, rows: readonly Row[]): Generator<Statement> {
  const columns = Object.keys(rows[0] ?? {})
  for (const batch of rowBatches(rows, columns, MOST_ROWS)) {
    const places = batch.map(() => `(${marks(columns.length)})`).join(', ')
    yield {
      sql: `insert into ${quote(table)} (${list(columns)}) values ${places}`,
      parameters: valuesOf(batch, columns),
    }
  }
}

function* update(
  table: string,
  keys: readonly string[],
  rows: readonly Row[],
): Generator<Statement> {
  const columns = Object.keys(rows[0] ?? {})
  const first = `select ${columns.map((column) => `? as ${quote(column)}`).join(', ')}`
  const next = ` union all select ${marks(columns.length)}`
  const on = keys.map((key) => `t.${quote(key)} = v.${quote(key)}`).join(' and ')
  const set = restOf(columns, keys).map((column) => `t.${quote(column)} = v.${quote(column)}`)
  for (const batch of rowBatches(rows, columns, MOST_ROWS)) {
    // Straight: first the few new rows, then each by its key. Left to itself it may read the whole table.
    yield {
      sql: `update (${first}${next.repeat(batch.length - 1)}) v straight_join ${quote(table)} t on ${on} set ${set.join(', ')}`,
      parameters: valuesOf(batch, columns),
    }
  }
}

/**
 * Looks first, because `on duplicate key update` takes any unique key for the one that is meant: a host that takes
 * the name of another would overwrite that one in silence.
 */
const upsert: ManyRows['upsert'] = async (table, keys, rows, run) => {
  const columns = Object.keys(rows[0] ?? {})
  for (const batch of rowBatches(rows, columns, MOST_ROWS)) {
    const { rows: found } = await run({
      sql: `select ${list(keys)} from ${quote(table)} where (${list(keys)}) in (${batch
        .map(() => `(${marks(keys.length)})`)
        .join(', ')}) for update`,
      parameters: valuesOf(batch, keys),
    })
    const there = new Set((found as readonly Row[]).map((row) => keyOf(row, keys)))
    const known = batch.filter((row) => there.has(keyOf(row, keys)))
    const fresh = batch.filter((row) => !there.has(keyOf(row, keys)))
    if (restOf(columns, keys).length > 0) {
      for (const statement of update(table, keys, known)) await run(statement)
    }
    for (const statement of insert(table, fresh)) await run(statement)
  }
}

const keyOf = (row: Row, keys: readonly string[]): string =>
  JSON.stringify(keys.map((key) => row[key]))

export const mysqlRows: ManyRows = { insert, upsert, update }
