// How the output of a module becomes a table: declared as data, parsed the same way on server and in tests.

import { formatDuration, parseDuration } from './duration.ts'
import { Problem } from './problem.ts'
import type { Text } from './text.ts'

export type ColumnType = 'text' | 'number' | 'bytes' | 'percent' | 'seconds' | 'time'

export interface TableColumn {
  readonly key: string
  readonly title: Text
  readonly type: ColumnType
}

/**
 * `split`: each line is cut at white space (or at a given string) into as many cells as there are columns, the
 * last taking the rest. `match`: a regular expression with one named group per column; lines that do not match
 * are passed over. `keyValue`: one row a host, `key=value` or `key: value` lines.
 */
export type TableRows =
  | { readonly by: 'split'; readonly at?: string; readonly skip?: number }
  | { readonly by: 'match'; readonly pattern: string }
  | { readonly by: 'keyValue'; readonly at: string }

export interface TableSpec {
  readonly columns: readonly TableColumn[]
  readonly rows: TableRows
}

export type Cell = string | number | null

const MAX_ROWS = 20_000
/** A line of `match` is cut there: the pattern is its author's, the line is the host's. */
const MAX_LINE = 4096

/**
 * Rows of cells, one cell a column, of an output that is already plain text. What is not there is null; what
 * does not read as its column's type stays text. At most 20,000 rows. Throws Problem TABLE_PATTERN {pattern}.
 */
export const parseTable = (spec: TableSpec, text: string): Cell[][] => {
  const { rows, columns } = spec
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  switch (rows.by) {
    case 'split':
      return lines
        .slice(rows.skip ?? 0, (rows.skip ?? 0) + MAX_ROWS)
        .map((line) => cellsOf(columns, cutLine(line.trim(), columns.length, rows.at)))
    case 'match':
      return matchLines(columns, lines, rows.pattern)
    case 'keyValue':
      return keyValues(columns, lines, rows.at)
  }
}

const cellsOf = (columns: readonly TableColumn[], texts: readonly (string | undefined)[]): Cell[] =>
  columns.map(({ type }, index) => parseCell(type, texts[index]))

const cutLine = (line: string, count: number, at: string | undefined): string[] => {
  if (at) {
    const cells = line.split(at)
    const rest = cells.slice(count - 1)
    return [...cells.slice(0, count - 1), ...(rest.length > 0 ? [rest.join(at)] : [])]
  }
  const cells: string[] = []
  const word = /\S+/g
  for (let n = 1; n < count; n += 1) {
    const found = word.exec(line)
    if (!found) return cells
    cells.push(found[0])
  }
  const rest = line.slice(word.lastIndex).trim()
  return rest === '' ? cells : [...cells, rest]
}

const matchLines = (
  columns: readonly TableColumn[],
  lines: readonly string[],
  pattern: string,
): Cell[][] => {
  const expression = patternOf(pattern)
  return lines
    .flatMap((line) => {
      const groups = expression.exec(line.slice(0, MAX_LINE))?.groups
      return groups
        ? [
            cellsOf(
              columns,
              columns.map(({ key }) => groups[key]),
            ),
          ]
        : []
    })
    .slice(0, MAX_ROWS)
}

const patternOf = (pattern: string): RegExp => {
  try {
    return new RegExp(pattern)
  } catch {
    throw new Problem('TABLE_PATTERN', { pattern })
  }
}

const keyValues = (
  columns: readonly TableColumn[],
  lines: readonly string[],
  at: string,
): Cell[][] => {
  const values = new Map<string, string>()
  for (const line of lines) {
    const place = line.indexOf(at)
    const key = line.slice(0, place).trim()
    if (place > 0 && !values.has(key)) values.set(key, line.slice(place + at.length))
  }
  const texts = columns.map(({ key }) => values.get(key))
  return texts.every((found) => found === undefined) ? [] : [cellsOf(columns, texts)]
}

const numeral = /^[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d{1,3})?$/i
const size = /^(\d+(?:\.\d+)?) ?([KMGTPE]?)(?:i?B)?$/i
const elapsed = /^(?:(\d+)-)?(?:(\d{1,3}):)?(\d{1,3}):(\d{2}(?:\.\d+)?)$/

const parseCell = (type: ColumnType, text: string | undefined): Cell => {
  const written = text?.trim()
  if (written === undefined || written === '') return null
  if (type === 'text' || type === 'time') return written
  return written === '-' ? null : (numberOf(type, written) ?? written)
}

const numberOf = (type: ColumnType, text: string): number | undefined => {
  const plain = type === 'percent' ? text.replace(/ ?%$/, '') : text
  if (numeral.test(plain)) return Number(plain.replaceAll(',', ''))
  if (type === 'bytes') {
    const found = size.exec(text)
    return found
      ? Math.round(Number(found[1]) * 1024 ** ' KMGTPE'.indexOf(found[2]?.toUpperCase() || ' '))
      : undefined
  }
  if (type !== 'seconds') return undefined
  const clock = elapsed.exec(text)
  if (clock) {
    const [, days = 0, hours = 0, minutes = 0, seconds = 0] = clock
    return Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  }
  return /^[\d.]+[a-z]/i.test(text) ? secondsOf(text) : undefined
}

const secondsOf = (text: string): number | undefined => {
  try {
    return parseDuration(text) / 1000
  } catch {
    return undefined
  }
}

/** A cell as people read it: bytes as `1.5G`, percent as `45%`, seconds as `3m05s`; null is ''. */
export const cellText = (cell: Cell, type: ColumnType = 'text'): string => {
  if (cell === null) return ''
  if (typeof cell === 'string') return cell
  if (type === 'percent') return `${cell}%`
  if (type === 'seconds') return formatDuration(cell * 1000)
  if (type !== 'bytes') return String(cell)
  const power = Math.min(6, Math.max(0, Math.floor(Math.log2(Math.max(1, cell)) / 10)))
  return `${Number((cell / 1024 ** power).toFixed(1))}${' KMGTPE'[power]?.trim() || 'B'}`
}
