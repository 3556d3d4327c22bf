// A table of any length: only the rows in sight exist. Rows have one height; columns share a grid.

import { useVirtualizer } from '@tanstack/react-virtual'
import { type CSSProperties, type ReactNode, useEffect, useRef } from 'react'
import { measures } from '../tokens.ts'
import style from './virtual-table.module.css'

export interface VirtualColumn<T> {
  readonly key: string
  readonly title: ReactNode
  readonly render: (row: T) => ReactNode
  /** A track of CSS grid: `120px`, `minmax(140px, 1fr)`. */
  readonly track: string
}

interface VirtualTableProps<T> {
  readonly label: string
  readonly columns: readonly VirtualColumn<T>[]
  readonly rows: readonly T[]
  readonly rowKey: (row: T) => string
  readonly rowHeight?: number
  /** Of the row that `j` and `k` move; -1: none. */
  readonly cursor?: number
  readonly isMarked?: (row: T) => boolean
  readonly onRowClick?: (row: T, index: number, event: React.MouseEvent) => void
  /** Shown in place of rows when there are none. */
  readonly empty?: ReactNode
}

/** px */
const leastWidth = (track: string): number => Number(/(\d+)px/.exec(track)?.[1] ?? 0)

export const VirtualTable = <T,>(props: VirtualTableProps<T>) => {
  const { columns, rows, rowKey, cursor = -1, rowHeight = measures.row } = props
  const frame = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of another height must be measured anew
  useEffect(() => virtual.measure(), [virtual, rowHeight])
  useEffect(() => {
    if (cursor >= 0) virtual.scrollToIndex(cursor, { align: 'auto' })
  }, [cursor, virtual])
  const grid: CSSProperties = {
    gridTemplateColumns: columns.map(({ track }) => track).join(' '),
    height: rowHeight,
  }
  // Head and rows are grids of their own: only with one and the same width do their tracks agree.
  const width = { minWidth: columns.reduce((sum, { track }) => sum + leastWidth(track), 0) }
  return (
    <div
      ref={frame}
      className={style.frame}
      role="table"
      aria-label={props.label}
      aria-rowcount={rows.length + 1}
      tabIndex={0}
    >
      <div role="rowgroup" className={style.head} style={width}>
        <div
          role="row"
          aria-rowindex={1}
          className={style.row}
          style={{ ...grid, height: undefined }}
        >
          {columns.map((column) => (
            <div key={column.key} role="columnheader" className={style.cell}>
              {column.title}
            </div>
          ))}
        </div>
      </div>
      {rows.length === 0 ? (
        // Only rows may stand in a table.
        <div role="rowgroup">
          <div role="row">
            <div role="cell">{props.empty}</div>
          </div>
        </div>
      ) : (
        <div
          role="rowgroup"
          className={style.body}
          style={{ ...width, height: virtual.getTotalSize() }}
        >
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index]
            if (row === undefined) return null
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the row only widens the target of the link inside it
              <div
                key={rowKey(row)}
                role="row"
                aria-rowindex={index + 2}
                className={`${style.row} ${style.line} ${props.isMarked?.(row) === true ? style.marked : ''} ${index === cursor ? style.cursor : ''}`}
                style={{ ...grid, transform: `translateY(${start}px)` }}
                onClick={(event) => props.onRowClick?.(row, index, event)}
              >
                {columns.map((column) => (
                  <div key={column.key} role="cell" className={style.cell}>
                    {column.render(row)}
                  </div>
                ))}
              </div>
            )
          })}
        </div>
      )}
    </div>
  )
}
