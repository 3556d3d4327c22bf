// The hosts of a run as rows. Only what is in sight is in the document.

import type { HostResultView } from '@omserver/api'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef } from 'react'
import { useTexts } from '../i18n/index.ts'
import { useKeys } from '../keyboard/index.ts'
import { HostStatusMark } from '../status/index.ts'
import { measures } from '../tokens.ts'
import { clockText } from './clock.ts'
import style from './runs.module.css'

interface Props {
  readonly rows: readonly HostResultView[]
  readonly openHostId: string | undefined
  readonly onOpen: (hostId: string) => void
}

export const ResultsList = ({ rows, openHostId, onOpen }: Props) => {
  const { t } = useTexts()
  const box = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => measures.row,
    overscan: 12,
  })
  const go = (by: number) => {
    const at = rows.findIndex((row) => row.hostId === openHostId)
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))]
    if (next === undefined) return
    virtual.scrollToIndex(rows.indexOf(next))
    onOpen(next.hostId)
  }
  useKeys({ j: () => go(1), k: () => go(-1) })
  if (rows.length === 0) return <p className={style.soft}>{t('runs.noHostHere')}</p>
  return (
    <div ref={box} className={style.list} tabIndex={0} role="list" aria-label={t('runs.hostList')}>
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index]
          if (row === undefined) return null
          return (
            <div
              key={row.hostId}
              role="listitem"
              className={style.listItem}
              style={{ height: item.size, transform: `translateY(${item.start}px)` }}
            >
              <button
                type="button"
                className={style.row}
                aria-current={row.hostId === openHostId}
                onClick={() => onOpen(row.hostId)}
              >
                <span className={style.rowState}>
                  <HostStatusMark state={row.state} />
                </span>
                <span className={style.rowName}>{row.name}</span>
                <span className={style.rowAddress}>{row.address}</span>
                <span className={style.rowExit}>
                  {row.exit === null ? '' : t('runs.exit', { exit: row.exit })}
                  {row.changed ? ` · ${t('runs.changed')}` : ''}
                  {row.attempt > 1 ? ` · ${t('runs.attempt', { attempt: row.attempt })}` : ''}
                </span>
                <span className={style.rowTime}>
                  {row.durationMs === null ? '' : clockText(row.durationMs)}
                </span>
                <span className={style.rowMessage}>{row.message ?? ''}</span>
              </button>
            </div>
          )
        })}
      </div>
    </div>
  )
}
