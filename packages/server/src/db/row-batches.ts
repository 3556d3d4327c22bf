// Cuts many rows into statements that neither a packet nor a list of parameters is too small for.

import type { Row } from './sql-client.ts'

/** Bytes of one statement, about: far below the 16 MiB that MySQL is asked to accept, for one row may be large. */
const MOST_BYTES = 1024 * 1024

export function* rowBatches(
  rows: readonly Row[],
  columns: readonly string[],
  mostRows: number,
): Generator<readonly Row[]> {
  let batch: Row[] = []
  let bytes = 0
  for (const row of rows) {
    const size = columns.reduce((sum, column) => sum + sizeOf(row[column]), 0)
    if (batch.length >= mostRows || (batch.length > 0 && bytes + size > MOST_BYTES)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(row)
    bytes += size
  }
  if (batch.length > 0) yield batch
}

/** Bytes are written in hexadecimal where they travel as text. */
const sizeOf = (value: unknown): number => {
  if (typeof value === 'string') return value.length
  return value instanceof Uint8Array ? value.length * 2 : 8
}

export const restOf = (columns: readonly string[], keys: readonly string[]): string[] =>
  columns.filter((column) => !keys.includes(column))
