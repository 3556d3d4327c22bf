// One bar for the whole run: how much of it is in which state.

import { type HostCounts, hostStates } from '@omserver/core'
import { hostStatus } from '../tokens.ts'
import style from './runs.module.css'

const order = [
  'ok',
  'failed',
  'unreachable',
  'timedOut',
  'lost',
  'aborted',
  'skipped',
  'running',
  'queued',
] as const

export const StatusBar = ({
  counts,
  total,
}: {
  readonly counts: HostCounts
  readonly total: number
}) => (
  <div className={style.bar} aria-hidden="true">
    {order
      .filter((state) => hostStates.includes(state) && counts[state] > 0)
      .map((state) => (
        <span
          key={state}
          className={state === 'queued' ? style.barRest : style.barPart}
          style={{
            flexGrow: counts[state] / Math.max(1, total),
            '--mark-light': hostStatus[state].light,
            '--mark-dark': hostStatus[state].dark,
          }}
        />
      ))}
  </div>
)
