// The page of one run: did it work everywhere? In numbers, in a picture, in a handful of answers.

import { type HostResultView, runRoutes } from '@omserver/api'
import { isRunEnd } from '@omserver/core'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Alert, Input, Spin, Tabs, Tag } from 'antd'
import { useCallback, useMemo } from 'react'
import { errorMessage, useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { RunStatusMark } from '../status/index.ts'
import { AnswersView } from './answers-view.tsx'
import { clockText, useNow } from './clock.ts'
import { HostGrid } from './host-grid.tsx'
import { HostPanel } from './host-panel.tsx'
import { OutputSearch } from './output-search.tsx'
import { progressOf } from './progress.ts'
import { ResultsList } from './results-list.tsx'
import { filterRows, statesOf, toggleState } from './row-filter.ts'
import { RunActions } from './run-actions.tsx'
import style from './runs.module.css'
import type { RunSearch } from './search.ts'
import { StateCounters } from './state-counters.tsx'
import { StatusBar } from './status-bar.tsx'
import { TableView } from './table-view.tsx'
import { useRun } from './use-run.ts'

export const RunPage = () => {
  const { id } = useParams({ strict: false }) as { id: string }
  const search = useSearch({ strict: false }) as RunSearch
  const navigate = useNavigate()
  const { t, say, number, exactTime, lang } = useTexts()
  const { run, rows, byId, line, error } = useRun(id)
  const detail = useAnswer(runRoutes.show, { params: { id } }, { staleTime: 60_000 })
  const moving = run !== undefined && !isRunEnd(run.state)
  const now = useNow(moving)

  const set = (part: Partial<RunSearch>) =>
    void navigate({
      to: '.',
      search: ((old: RunSearch) => ({ ...old, ...part })) as never,
      replace: true,
    })
  const filter = useMemo(
    () => ({ state: search.state, answer: search.answer, text: search.text }),
    [search.state, search.answer, search.text],
  )
  const shown = useMemo(() => filterRows(rows, filter), [rows, filter])
  const shownIds = useMemo(() => new Set(shown.map((row) => row.hostId)), [shown])
  const isShown = useCallback((row: HostResultView) => shownIds.has(row.hostId), [shownIds])
  const open = (hostId: string) => set({ host: hostId })

  if (error !== undefined) {
    return <Alert type="error" title={errorMessage(error, lang).text} className={style.page} />
  }
  if (run === undefined) return <Spin className={style.waiting} />

  const from = run.startedAt ?? run.createdAt
  const elapsed = Math.max(0, (run.endedAt ?? now) - from)
  const progress = progressOf(run.counts, run.total, elapsed, detail.data?.usualMs ?? null)
  const hasTable = detail.data?.table != null
  const view =
    search.view ??
    (statesOf(search.state).length > 0 || search.text || search.answer ? 'hosts' : 'answers')

  return (
    <div className={style.page}>
      <header className={style.head}>
        <div>
          <h1 className={style.title}>
            {say(run.moduleTitle)}
            <RunStatusMark state={run.state} />
            {run.check && <Tag>{t('runs.checkMode')}</Tag>}
          </h1>
          <p className={style.facts}>
            <code>{run.module}</code>
            <span>{t('runs.by', { who: run.startedBy })}</span>
            <span>{exactTime(run.createdAt)}</span>
            <span className={style.selector} title={run.selector}>
              {run.selector}
            </span>
            {run.note !== '' && <span>“{run.note}”</span>}
          </p>
        </div>
        <RunActions run={run} rows={rows} />
      </header>

      <section className={style.summary} aria-live="polite">
        <StateCounters
          counts={run.counts}
          total={run.total}
          state={search.state}
          onToggle={(state) => set({ state: toggleState(search.state, state), view: 'hosts' })}
        />
        <StatusBar counts={run.counts} total={run.total} />
        <p className={style.facts}>
          <span className={progress.overtime ? style.overtime : undefined}>
            {t('runs.elapsed', { time: clockText(elapsed) })}
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
          {moving && (
            <span className={line === 'behind' ? style.overtime : style.live}>
              {t(`runs.line.${line}`)}
            </span>
          )}
        </p>
        <HostGrid rows={rows} isShown={isShown} openHostId={search.host} onOpen={open} />
      </section>

      <Tabs
        activeKey={view}
        onChange={(key) => set({ view: key as RunSearch['view'] })}
        items={[
          {
            key: 'answers',
            label: t('runs.tabAnswers'),
            children: (
              <AnswersView
                runId={id}
                moving={moving}
                onAnswer={(answer) => set({ answer, state: undefined, view: 'hosts' })}
                onState={(state) => set({ state, answer: undefined, view: 'hosts' })}
                onOpen={open}
              />
            ),
          },
          ...(hasTable
            ? [
                {
                  key: 'table',
                  label: t('runs.tabTable'),
                  children: <TableView runId={id} moving={moving} onOpen={open} />,
                },
              ]
            : []),
          {
            key: 'hosts',
            label: t('runs.tabHosts', { hosts: number(shown.length) }),
            children: (
              <>
                <div className={style.tableTools}>
                  <Input.Search
                    allowClear
                    className={style.search}
                    defaultValue={search.text}
                    placeholder={t('runs.filterHosts')}
                    aria-label={t('runs.filterHosts')}
                    onSearch={(text) => set({ text: text === '' ? undefined : text })}
                  />
                  {search.answer !== undefined && (
                    <Tag closable onClose={() => set({ answer: undefined })}>
                      {t('runs.oneAnswer')}
                    </Tag>
                  )}
                </div>
                <ResultsList rows={shown} openHostId={search.host} onOpen={open} />
              </>
            ),
          },
          {
            key: 'search',
            label: t('runs.tabSearch'),
            children: <OutputSearch runId={id} onOpen={open} />,
          },
          {
            key: 'action',
            label: t('runs.tabAction'),
            children: <pre className={style.output}>{detail.data?.preview ?? ''}</pre>,
          },
        ]}
      />
      <HostPanel
        runId={id}
        row={search.host === undefined ? undefined : byId.get(search.host)}
        onClose={() => set({ host: undefined })}
      />
    </div>
  )
}
