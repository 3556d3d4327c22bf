// Columns of the host table: the fixed ones, and any label as a column of its own. Pure.

import type { Labels } from '@omserver/core'
import type { BriefHost } from './fleet.ts'

export interface HostColumn {
  /** `name`, `address`, `outerAddress`, `driver`, `labels`, or `label:idc`. */
  readonly key: string
  readonly title: string
  readonly track: string
  readonly sortable: boolean
  readonly text: (host: BriefHost) => string
  /** Of `labels`: those that have no column of their own. */
  readonly rest?: (host: BriefHost) => Labels
}

export type FixedColumn = 'name' | 'address' | 'outerAddress' | 'driver' | 'labels'
export const fixedColumns: readonly FixedColumn[] = [
  'name',
  'address',
  'outerAddress',
  'driver',
  'labels',
]

/** What a person sees who never chose: the labels of the tree as columns, the others as tags. */
export const usualColumns = (order: readonly string[]): readonly string[] => [
  'name',
  'address',
  ...order.map((label) => `label:${label}`),
  'driver',
  'labels',
]

const tracks: Readonly<Record<FixedColumn, string>> = {
  name: 'minmax(150px, 1.4fr)',
  address: 'minmax(120px, 1fr)',
  outerAddress: 'minmax(120px, 1fr)',
  driver: '72px',
  labels: 'minmax(250px, 2.4fr)',
}

const isFixed = (key: string): key is FixedColumn => fixedColumns.some((fixed) => fixed === key)

export const columnsOf = (
  keys: readonly string[],
  titleOf: (fixed: FixedColumn) => string,
  wordOf: (label: string) => string = (label) => label,
): readonly HostColumn[] => {
  const own = new Set(keys.filter((key) => key.startsWith('label:')).map((key) => key.slice(6)))
  return keys.flatMap((key): readonly HostColumn[] => {
    if (key.startsWith('label:')) {
      const label = key.slice(6)
      const text = (host: BriefHost) => host.labels[label] ?? ''
      return [{ key, title: wordOf(label), track: 'minmax(80px, 0.8fr)', sortable: true, text }]
    }
    if (!isFixed(key)) return []
    const base = { key, title: titleOf(key), track: tracks[key], sortable: key !== 'labels' }
    if (key === 'labels') {
      const rest = (host: BriefHost) =>
        Object.fromEntries(Object.entries(host.labels).filter(([name]) => !own.has(name)))
      return [{ ...base, rest, text: () => '' }]
    }
    return [{ ...base, text: (host) => host[key] ?? '' }]
  })
}

const collator = new Intl.Collator(undefined, { numeric: true })

/** Sorted copy; the same list when `sort` names no sortable column. Empty values come last either way. */
export const sortHosts = (
  hosts: readonly BriefHost[],
  columns: readonly HostColumn[],
  sort: string | undefined,
): readonly BriefHost[] => {
  const down = sort?.startsWith('-') === true
  const column = columns.find(
    ({ key, sortable }) => sortable && key === (down ? sort?.slice(1) : sort),
  )
  if (column === undefined) return hosts
  const direction = down ? -1 : 1
  return hosts
    .map((host) => ({ host, text: column.text(host) }))
    .sort((a, b) => {
      if (a.text === '' || b.text === '') return a.text === b.text ? 0 : a.text === '' ? 1 : -1
      return direction * collator.compare(a.text, b.text)
    })
    .map(({ host }) => host)
}
