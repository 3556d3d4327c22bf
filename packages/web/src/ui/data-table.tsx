// A table of some dozens of rows: plain HTML, and on a phone each row is a card with its column names.

import type { ReactNode } from 'react'
import style from './data-table.module.css'

export interface DataColumn<T> {
  readonly key: string
  readonly title: string
  /** The title is for screen readers only. */
  readonly unseen?: boolean
  readonly render: (row: T) => ReactNode
  /** CSS width; absent: what the content needs. */
  readonly width?: string
  readonly align?: 'end'
  /** The heading of the card on a phone; one column at most. */
  readonly lead?: boolean
}

interface DataTableProps<T> {
  /** Names the table for screen readers. */
  readonly label: string
  readonly columns: readonly DataColumn<T>[]
  readonly rows: readonly T[]
  readonly rowKey: (row: T) => string
  /** Below the row, when it is open. */
  readonly detail?: (row: T) => ReactNode
  readonly openKey?: string | undefined
}

export const DataTable = <T,>(props: DataTableProps<T>) => {
  const { columns, rows, rowKey, detail, openKey } = props
  return (
    <div className={style.frame}>
      <table className={style.table} aria-label={props.label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                style={{ width: column.width }}
                className={column.align === 'end' ? style.end : undefined}
              >
                {column.unseen === true ? (
                  <span className="om-unseen">{column.title}</span>
                ) : (
                  column.title
                )}
              </th>
            ))}
          </tr>
        </thead>
        {rows.map((row) => {
          const key = rowKey(row)
          return (
            <tbody key={key} className={key === openKey ? style.open : undefined}>
              <tr data-row>
                {columns.map((column) => (
                  <td
                    key={column.key}
                    data-title={column.unseen === true ? '' : column.title}
                    className={
                      column.lead === true
                        ? style.lead
                        : column.align === 'end'
                          ? style.end
                          : undefined
                    }
                  >
                    {column.render(row)}
                  </td>
                ))}
              </tr>
              {key === openKey && detail !== undefined ? (
                <tr>
                  <td colSpan={columns.length} className={style.detail}>
                    {detail(row)}
                  </td>
                </tr>
              ) : null}
            </tbody>
          )
        })}
      </table>
    </div>
  )
}
