// What a module's output says as columns: sorted, filtered, one row a line of a host.

import { runRoutes } from '@omserver/api'
import type { ColumnType } from '@omserver/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { Spin } from 'antd'
import { useRef, useState } from 'react'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { measures } from '../tokens.ts'
import { EmptyState } from '../ui/index.ts'
import style from './runs.module.css'
import { SearchLine } from './search-line.tsx'
import look from './table-view.module.css'

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

const bytesText = (value: number): string => {
  let unit = 0
  let size = value
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit += 1
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`
}

const cellText = (value: string | number | null, type: ColumnType): string => {
  if (value === null) return '–'
  if (typeof value === 'string') return value
  if (type === 'bytes') return bytesText(value)
  return type === 'percent' ? `${value} %` : String(value)
}

interface Props {
  readonly runId: string
  readonly moving: boolean
  readonly onOpen: (hostId: string) => void
}

export const TableView = ({ runId, moving, onOpen }: Props) => {
  const { t, say, number } = useTexts()
  const [sort, setSort] = useState<string>()
  const [text, setText] = useState('')
  const box = useRef<HTMLDivElement>(null)
  const query = { ...(sort === undefined ? {} : { sort }), ...(text === '' ? {} : { text }) }
  const answer = useAnswer(
    runRoutes.table,
    { params: { id: runId }, query },
    { ...(moving ? { every: 2000 } : {}), staleTime: 0, keepLast: true },
  )
  const rows = answer.data?.rows ?? []
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => measures.row,
    overscan: 12,
  })
  if (answer.data === undefined) return <Spin className={style.waiting} />
  const { spec, total, unparsed } = answer.data
  const grid = {
    gridTemplateColumns: `minmax(120px, 1.2fr) repeat(${spec.columns.length}, minmax(90px, 1fr))`,
  }
  const turn = (key: string) =>
    setSort(sort === key ? `-${key}` : sort === `-${key}` ? undefined : key)
  return (
    <div>
      <div className={style.tableTools} data-page-search>
        <SearchLine label={t('runs.filterTable')} text={text} onText={setText} />
        <span className={style.soft}>
          {t('runs.rowCount', { count: total, rows: number(total) })}
        </span>
        {unparsed.length > 0 && (
          <span className={style.soft} title={unparsed.join(', ')}>
            {t('runs.unparsed', { count: unparsed.length })}
          </span>
        )}
      </div>
      <div ref={box} className={look.table} role="table" tabIndex={0} aria-rowcount={rows.length}>
        <div role="row" className={look.tableHead} style={grid}>
          {[
            { key: 'host', title: t('runs.host'), type: 'text' as const },
            ...spec.columns.map((column) => ({ ...column, title: say(column.title) })),
          ].map((column) => (
            <span
              key={column.key}
              role="columnheader"
              aria-sort={
                sort === column.key
                  ? 'ascending'
                  : sort === `-${column.key}`
                    ? 'descending'
                    : 'none'
              }
            >
              <button type="button" className={look.sort} onClick={() => turn(column.key)}>
                {column.title}
                {sort === column.key ? ' ↑' : sort === `-${column.key}` ? ' ↓' : ''}
              </button>
            </span>
          ))}
        </div>
        {rows.length === 0 && (
          <div role="row">
            <div role="cell">
              <EmptyState small title={t('runs.noRows')} />
            </div>
          </div>
        )}
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index]
            if (row === undefined) return null
            return (
              <div
                key={item.key}
                role="row"
                className={look.tableRow}
                style={{ ...grid, height: item.size, transform: `translateY(${item.start}px)` }}
              >
                <span role="cell">
                  <button type="button" className={look.link} onClick={() => onOpen(row.hostId)}>
                    {row.name}
                  </button>
                </span>
                {spec.columns.map((column, index) => (
                  <span
                    key={column.key}
                    role="cell"
                    className={column.type === 'text' ? look.cell : look.cellNumber}
                    title={String(row.cells[index] ?? '')}
                  >
                    {cellText(row.cells[index] ?? null, column.type)}
                  </span>
                ))}
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}
