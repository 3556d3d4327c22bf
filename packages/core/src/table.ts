// How the output of a module becomes a table: declared as data, parsed the same way on server and in tests.

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
