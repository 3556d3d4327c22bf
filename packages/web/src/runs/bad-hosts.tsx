// The hosts that are not ok, by name, beside the counters: a cell of the picture is too small for a thumb.

import type { HostResultView } from '@omserver/api'
import type { HostCounts } from '@omserver/core'
import { useMemo } from 'react'
import { useTexts } from '../i18n/index.ts'
import { HostStatusMark } from '../status/index.ts'
import { badStates } from './answer-order.ts'
import style from './runs.module.css'

const SHOWN = 8

/** Stops at what is shown: a run of 50,000 hosts changes several times a second. */
const firstBad = (rows: readonly HostResultView[], most: number): readonly HostResultView[] => {
  const found: HostResultView[] = []
  for (const row of rows) {
    if (found.length >= most) break
    if (badStates.some((state) => state === row.state)) found.push(row)
  }
  return found
}

interface Props {
  readonly rows: readonly HostResultView[]
  readonly counts: HostCounts
  readonly onOpen: (hostId: string) => void
  readonly onAll: () => void
}

export const BadHosts = ({ rows, counts, onOpen, onAll }: Props) => {
  const { t, number } = useTexts()
  const count = badStates.reduce((sum, state) => sum + counts[state], 0)
  const shown = useMemo(() => firstBad(rows, Math.min(SHOWN, count)), [rows, count])
  if (count === 0) return null
  return (
    <div className={style.badHosts}>
      <button type="button" className={style.badAll} onClick={onAll}>
        {t('runs.badHosts', { count, hosts: number(count) })}
      </button>
      {shown.map((row) => (
        <button
          key={row.hostId}
          type="button"
          className={style.badHost}
          onClick={() => onOpen(row.hostId)}
        >
          <HostStatusMark state={row.state} bare size={12} />
          {row.name}
        </button>
      ))}
      {count > shown.length && (
        <span className={style.total}>
          {t('runs.andMore', { hosts: number(count - shown.length) })}
        </span>
      )}
    </div>
  )
}
