// Results as a file: for a spreadsheet, for a program, or to read.

import type { runRoutes } from '@omserver/api'
import { cellText } from '@omserver/core'
import type { z } from 'zod'
import { CSV_START, csvLine } from '../csv.ts'
import type { FileAnswer } from '../http/index.ts'
import { type HostRow, viewOfHost } from './host-row.ts'
import type { RunReader } from './read.ts'
import { filterOf } from './results.ts'
import type { ResultFilter } from './results-table.ts'
import { tableRows, tableSpecOf } from './run-table.ts'
import { plainText, wholeOutputs } from './whole-output.ts'

export type ExportQuery = z.output<(typeof runRoutes)['export']['query']>

/** Throws Problem RUN_UNKNOWN, NO_TABLE before anything is sent. */
export const exportRun = async (
  reader: RunReader,
  runId: string,
  query: ExportQuery,
): Promise<FileAnswer> => {
  const run = await reader.record(runId)
  const name = `${run.module}-${runId.slice(0, 8)}`
  const filter = filterOf(query)
  switch (query.format) {
    case 'csv':
      return { fileName: `${name}.csv`, mediaType: 'text/csv', chunks: csv(reader, runId, filter) }
    case 'jsonl':
      return {
        fileName: `${name}.jsonl`,
        mediaType: 'application/x-ndjson',
        chunks: jsonLines(reader, runId, filter),
      }
    case 'txt':
      return {
        fileName: `${name}.txt`,
        mediaType: 'text/plain',
        chunks: text(reader, runId, filter),
      }
    case 'table.csv':
      await tableSpecOf(reader, runId)
      return { fileName: `${name}-table.csv`, mediaType: 'text/csv', chunks: table(reader, runId) }
  }
}

const OUTPUT_CELL_CHARACTERS = 32_000

const columns = [
  'host',
  'address',
  'idc',
  'batch',
  'attempt',
  'state',
  'reason',
  'exit',
  'changed',
  'leftRunning',
  'startedAt',
  'endedAt',
  'durationMs',
  'outputBytes',
  'truncated',
  'answer',
  'message',
  'output',
]

/** A cell of Excel holds 32,767 characters; the rest of a long output is in the other formats. */
async function* csv(
  reader: RunReader,
  runId: string,
  filter: ResultFilter,
): AsyncGenerator<string> {
  yield CSV_START + csvLine(columns)
  for await (const { row, output } of withOutput(reader, runId, filter)) {
    const view = viewOfHost(row)
    yield csvLine([
      view.name,
      view.address,
      view.idc,
      view.batch + 1,
      view.attempt,
      view.state,
      view.reason,
      view.exit,
      view.changed,
      view.leftRunning,
      timeText(view.startedAt),
      timeText(view.endedAt),
      view.durationMs,
      view.outputBytes,
      view.truncated,
      view.answer,
      view.message,
      output.slice(0, OUTPUT_CELL_CHARACTERS),
    ])
  }
}

async function* jsonLines(
  reader: RunReader,
  runId: string,
  filter: ResultFilter,
): AsyncGenerator<string> {
  for await (const { row, output } of withOutput(reader, runId, filter)) {
    yield `${JSON.stringify({ ...viewOfHost(row), output })}\n`
  }
}

async function* text(
  reader: RunReader,
  runId: string,
  filter: ResultFilter,
): AsyncGenerator<string> {
  for await (const { row, output } of withOutput(reader, runId, filter)) {
    const exit = row.exit === null ? '' : ` exit=${row.exit}`
    yield `===== ${row.name} (${row.address}) ${row.state}${exit} =====\n`
    if (row.message !== null) yield `${row.message}\n`
    yield output === '' || output.endsWith('\n') ? output : `${output}\n`
    yield '\n'
  }
}

async function* table(reader: RunReader, runId: string): AsyncGenerator<string> {
  const spec = await tableSpecOf(reader, runId)
  yield CSV_START + csvLine(['host', ...spec.columns.map(({ key }) => key)])
  for await (const row of tableRows(reader, runId)) {
    if ('unparsed' in row) continue
    yield csvLine([
      row.name,
      ...row.cells.map((cell) => (typeof cell === 'string' ? cellText(cell) : cell)),
    ])
  }
}

const timeText = (at: number | null): string => (at === null ? '' : new Date(at).toISOString())

async function* withOutput(
  reader: RunReader,
  runId: string,
  filter: ResultFilter,
): AsyncGenerator<{ readonly row: HostRow; readonly output: string }> {
  for await (const page of reader.pages(runId, filter)) {
    const outputs = wholeOutputs(reader.services.db, page)
    let next = await outputs.next()
    for (const row of page) {
      // Outputs come in the order of the rows; a row without one is passed over there.
      const has = !next.done && next.value.row === row ? next.value.bytes : undefined
      yield {
        row,
        output: has ? plainText(has, await reader.encodingOf(row.host_id)) : '',
      }
      if (has) next = await outputs.next()
    }
  }
}
