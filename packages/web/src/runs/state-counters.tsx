// Counters of the host states: the answer to "did it work everywhere?", and filters at the same time.

import { type HostCounts, type HostState, hostStates } from '@omserver/core'
import { useTexts } from '../i18n/index.ts'
import { HostStatusMark } from '../status/index.ts'
import { statesOf } from './row-filter.ts'
import style from './runs.module.css'

interface Props {
  readonly counts: HostCounts
  readonly total: number
  readonly state: string | undefined
  readonly onToggle: (state: HostState) => void
}

export const StateCounters = ({ counts, total, state, onToggle }: Props) => {
  const { t, number } = useTexts()
  const chosen = statesOf(state)
  const shown = hostStates.filter((one) => counts[one] > 0 || one === 'ok' || one === 'failed')
  return (
    <div className={style.counters} role="group" aria-label={t('runs.counters')}>
      {shown.map((one) => (
        <button
          key={one}
          type="button"
          className={style.counter}
          aria-pressed={chosen.includes(one)}
          onClick={() => onToggle(one)}
        >
          <HostStatusMark state={one} />
          <strong className={style.figure}>{number(counts[one])}</strong>
        </button>
      ))}
      <span className={style.total}>{t('runs.ofTotal', { total: number(total) })}</span>
    </div>
  )
}
