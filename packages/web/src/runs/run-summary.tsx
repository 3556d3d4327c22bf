// Did it work everywhere? The counters that are filters, how far it is, and the picture of all hosts.

import { type HostResultView, runRoutes } from '@omserver/api'
import { type HostState, isRunEnd } from '@omserver/core'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { BadHosts } from './bad-hosts.tsx'
import { clockText, useNow } from './clock.ts'
import { HostGrid } from './host-grid.tsx'
import { progressOf } from './progress.ts'
import style from './runs.module.css'
import { StateCounters } from './state-counters.tsx'
import { StatusBar } from './status-bar.tsx'
import type { OpenRun } from './use-run.ts'

/** The server says something every 2 s, if only that it is there. */
const BEHIND_MS = 3000

const Line = ({ line, silentMs }: Pick<OpenRun, 'line' | 'silentMs'>) => {
  const { t } = useTexts()
  const silent = silentMs()
  const behind = line !== 'loading' && (line === 'behind' || silent >= BEHIND_MS)
  return (
    <span className={behind ? style.overtime : style.live} role="status">
      {behind
        ? t('runs.behindBy', { seconds: Math.max(1, Math.floor(silent / 1000)) })
        : t(`runs.line.${line}`)}
    </span>
  )
}

interface Props {
  readonly open: OpenRun & { readonly run: NonNullable<OpenRun['run']> }
  readonly state: string | undefined
  readonly isShown: ((row: HostResultView) => boolean) | undefined
  readonly openIndex: number
  readonly onToggle: (state: HostState) => void
  readonly onOpen: (hostId: string) => void
  readonly onBad: () => void
}

export const RunSummary = ({ open, state, isShown, openIndex, onToggle, onOpen, onBad }: Props) => {
  const { t, number } = useTexts()
  const { run, rows, line, silentMs } = open
  const detail = useAnswer(runRoutes.show, { params: { id: run.id } }, { staleTime: 60_000 })
  const moving = !isRunEnd(run.state)
  const now = useNow(moving)
  const elapsed = Math.max(0, (run.endedAt ?? now) - (run.startedAt ?? run.createdAt))
  const progress = progressOf(run.counts, run.total, elapsed, detail.data?.usualMs ?? null)
  return (
    <section className={style.summary}>
      <StateCounters counts={run.counts} total={run.total} state={state} onToggle={onToggle} />
      <StatusBar counts={run.counts} total={run.total} />
      <p className={style.facts}>
        <span className={progress.overtime ? style.overtime : undefined}>
          {t('runs.elapsed', { time: clockText(elapsed) })}
          {progress.overtime &&
            ` · ${t('runs.overtime', { time: clockText(detail.data?.usualMs ?? 0) })}`}
        </span>
        {progress.remainingMs !== null && moving && (
          <span>{t('runs.remaining', { time: clockText(progress.remainingMs) })}</span>
        )}
        {progress.rate > 0 && (
          <span>{t('runs.rate', { rate: number(Math.round(progress.rate * 10) / 10) })}</span>
        )}
        {run.batches.length > 1 && (
          <span>
            {t('runs.batchCount', {
              count: run.batches.length,
              sizes: run.batches.slice(0, 8).join(', '),
            })}
          </span>
        )}
        {run.changed > 0 && <span>{t('runs.changedCount', { hosts: number(run.changed) })}</span>}
        {run.stopReason !== null && (
          <span className={style.overtime}>{t(`runs.stopReason.${run.stopReason}`)}</span>
        )}
        {moving && <Line line={line} silentMs={silentMs} />}
      </p>
      <BadHosts rows={rows} counts={run.counts} onOpen={onOpen} onAll={onBad} />
      <HostGrid
        key={run.id}
        rows={rows}
        idcs={run.idcs}
        isShown={isShown}
        openIndex={openIndex}
        onOpen={onOpen}
      />
    </section>
  )
}
