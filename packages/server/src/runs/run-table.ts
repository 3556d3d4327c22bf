// The outputs of a run as one table, where its module declares columns.

import type { runRoutes } from '@omserver/api'
import { type Cell, Problem, parseTable, type TableSpec } from '@omserver/core'
import type { z } from 'zod'
import { turnTaker } from './next-turn.ts'
import type { RunReader } from './read.ts'
import { plainText, wholeOutputs } from './whole-output.ts'

export type TableQuery = z.output<(typeof runRoutes)['table']['query']>
export type TableAnswer = z.input<(typeof runRoutes)['table']['answer']>

export interface TableRow {
  readonly hostId: string
  readonly name: string
  readonly cells: Cell[]
}

const UNPARSED_NAMES = 1_000

/** Rows of the hosts that ended ok, and the names of those whose output has none. Throws Problem NO_TABLE. */
export async function* tableRows(
  reader: RunReader,
  runId: string,
): AsyncGenerator<TableRow | { readonly unparsed: string }> {
  const spec = await tableSpecOf(reader, runId)
  const turn = turnTaker(() => reader.services.clock.monotonic())
  for await (const page of reader.pages(runId, { lastAttempt: true, states: ['ok'] })) {
    const seen = new Set<string>()
    for await (const { row, bytes } of wholeOutputs(reader.services.db, page)) {
      const text = plainText(bytes, await reader.encodingOf(row.host_id))
      for (const cells of parseTable(spec, text)) {
        seen.add(row.host_id)
        yield { hostId: row.host_id, name: row.name, cells }
      }
      await turn()
    }
    for (const row of page) if (!seen.has(row.host_id)) yield { unparsed: row.name }
  }
}

export const tableSpecOf = async (reader: RunReader, runId: string): Promise<TableSpec> => {
  const run = await reader.record(runId)
  if (run.table === null) throw new Problem('NO_TABLE', { module: run.module })
  return run.table
}

export const readTable = async (
  reader: RunReader,
  runId: string,
  query: TableQuery,
): Promise<TableAnswer> => {
  const spec = await tableSpecOf(reader, runId)
  const order = orderOf(spec, query.sort)
  const wanted = query.text?.toLowerCase()
  const unparsed: string[] = []
  let rows: TableRow[] = []
  let total = 0
  for await (const row of tableRows(reader, runId)) {
    if ('unparsed' in row) {
      if (unparsed.length < UNPARSED_NAMES) unparsed.push(row.unparsed)
      continue
    }
    if (wanted !== undefined && !holds(row, wanted)) continue
    total++
    if (order === undefined && rows.length >= query.limit) continue
    rows.push(row)
    // Only the first ones of the order are wanted: what is beyond them need not be kept.
    if (order && rows.length >= query.limit * 2) rows = rows.sort(order).slice(0, query.limit)
  }
  if (order) rows.sort(order)
  return { spec: spec as TableAnswer['spec'], rows: rows.slice(0, query.limit), total, unparsed }
}

const holds = (row: TableRow, wanted: string): boolean =>
  row.name.toLowerCase().includes(wanted) ||
  row.cells.some((cell) => cell !== null && String(cell).toLowerCase().includes(wanted))

/** Cells without a value come last either way. */
const orderOf = (
  spec: TableSpec,
  sort: string | undefined,
): ((a: TableRow, b: TableRow) => number) | undefined => {
  const down = sort?.startsWith('-') ?? false
  const key = down ? sort?.slice(1) : sort
  const column = spec.columns.findIndex((one) => one.key === key)
  if (column < 0) {
    // A column of the module may be called so too; then it is meant.
    return key === 'host' ? (a, b) => (down ? -1 : 1) * compare(a.name, b.name) : undefined
  }
  return (a, b) => {
    const left = a.cells[column] ?? null
    const right = b.cells[column] ?? null
    if (left === null || right === null) return Number(left === null) - Number(right === null)
    return (down ? -1 : 1) * compare(left, right)
  }
}

const names = new Intl.Collator('en', { numeric: true })

const compare = (a: string | number, b: string | number): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : names.compare(String(a), String(b))
