// Statements for many rows in PostgreSQL.

import { restOf, rowBatches } from './row-batches.ts'
import type { ManyRows, Row, Statement } from './sql-client.ts'

/** The protocol counts parameters in 16 bits. */
const MOST_PARAMETERS = 60_000
const MOST_ROWS = 5_000

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`
const list = (names: readonly string[]): string => names.map(quote).join(', ')

function* insert(table: string, rows: readonly Row[], then = ''): Generator<Statement> {
  const columns = Object.keys(rows[0] ?? {})
  const most = Math.min(MOST_ROWS, Math.floor(MOST_PARAMETERS / Math.max(1, columns.length)))
  for (const batch of rowBatches(rows, columns, most)) {
    const places = batch.map(
      (_, n) => `(${columns.map((_, at) => `$${n * columns.length + at + 1}`).join(', ')})`,
    )
    yield {
      sql: `insert into ${quote(table)} (${list(columns)}) values ${places.join(', ')}${then}`,
      parameters: batch.flatMap((row) => columns.map((column) => row[column] ?? null)),
    }
  }
}

const upsert: ManyRows['upsert'] = async (table, keys, rows, run) => {
  const rest = restOf(Object.keys(rows[0] ?? {}), keys)
  const set = rest.map((column) => `${quote(column)} = excluded.${quote(column)}`).join(', ')
  const then = ` on conflict (${list(keys)}) do ${set === '' ? 'nothing' : `update set ${set}`}`
  for (const statement of insert(table, rows, then)) await run(statement)
}

/** One parameter, whatever the number of rows; the table's own row type says what each column is. */
function* update(
  table: string,
  keys: readonly string[],
  rows: readonly Row[],
): Generator<Statement> {
  const columns = Object.keys(rows[0] ?? {})
  const set = restOf(columns, keys).map((column) => `${quote(column)} = v.${quote(column)}`)
  const on = keys.map((key) => `t.${quote(key)} = v.${quote(key)}`).join(' and ')
  for (const batch of rowBatches(rows, columns, MOST_ROWS)) {
    yield {
      sql: `update ${quote(table)} t set ${set.join(', ')} from json_populate_recordset(null::${quote(table)}, $1::json) v where ${on}`,
      parameters: [JSON.stringify(batch.map((row) => asText(row, columns)))],
    }
  }
}

const asText = (row: Row, columns: readonly string[]): Row =>
  Object.fromEntries(columns.map((column) => [column, textOf(row[column])]))

/** Bytes as the text that bytea reads. */
const textOf = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  return typeof value === 'string' ? storable(value) : value
}

/** PostgreSQL keeps no NUL and no half of a character in a text, and a host may print both. */
export const storable = (text: string): string =>
  (text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text).toWellFormed()

export const postgresRows: ManyRows = { insert, upsert, update }
