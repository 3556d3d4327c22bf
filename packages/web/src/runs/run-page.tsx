// The page of one run: did it work everywhere? In numbers, in a picture, in a handful of answers.

import { runRoutes } from '@omserver/api'
import { isRunEnd } from '@omserver/core'
import { Link, useNavigate, useParams, useRouter, useSearch } from '@tanstack/react-router'
import { Tabs } from 'antd'
import { useMemo, useRef } from 'react'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useKeys } from '../keyboard/index.ts'
import { ErrorNotice, LoadingLines, Notice, PageHeader } from '../ui/index.ts'
import { badStates } from './answer-order.ts'
import { AnswersView } from './answers-view.tsx'
import { HostPanel } from './host-panel.tsx'
import { HostsView } from './hosts-view.tsx'
import { OutputSearch } from './output-search.tsx'
import { filterRows, rowMatcher, statesOf, toggleState } from './row-filter.ts'
import { RunHeader } from './run-header.tsx'
import { RunSummary } from './run-summary.tsx'
import style from './runs.module.css'
import { type RunSearch, runViews } from './search.ts'
import { TableView } from './table-view.tsx'
import { TasksView } from './tasks-view.tsx'
import { useRun } from './use-run.ts'

/** Why hosts wait may change without any host having moved. */
const LOOK_EVERY_MS = 5_000

export const RunPage = () => {
  const { id } = useParams({ from: '/runs/$id' })
  const search = useSearch({ from: '/runs/$id' })
  const navigate = useNavigate({ from: '/runs/$id' })
  const { t, say, number } = useTexts()
  const open = useRun(id)
  const { run, rows, place, line, error } = open
  const detail = useAnswer(
    runRoutes.show,
    { params: { id } },
    {
      staleTime: 60_000,
      every: run !== undefined && !isRunEnd(run.state) ? LOOK_EVERY_MS : undefined,
    },
  )

  // Back undoes what was pressed; what is typed and the step from host to host are no places of their own.
  const go = (part: Partial<RunSearch>, replace = false) =>
    void navigate({ search: (old) => ({ ...old, ...part }), replace })
  const type = (part: Partial<RunSearch>) => go(part, true)
  const filter = useMemo(
    () => ({ state: search.state, answer: search.answer, text: search.text }),
    [search.state, search.answer, search.text],
  )
  const isShown = useMemo(() => rowMatcher(filter), [filter])
  const shown = useMemo(() => filterRows(rows, filter), [rows, filter])
  const router = useRouter()
  const openedHere = useRef(false)
  const openHost = (host: string) => {
    if (search.host === undefined) openedHere.current = true
    go({ host }, search.host !== undefined)
  }
  const closeHost = () => {
    if (openedHere.current) router.history.back()
    else go({ host: undefined }, true)
    openedHere.current = false
  }
  const next = (by: number) => {
    const from = shown.findIndex(({ hostId }) => hostId === search.host)
    const row = shown[Math.max(0, Math.min(shown.length - 1, from + by))]
    if (row !== undefined) openHost(row.hostId)
  }
  useKeys(
    { j: () => next(1), k: () => next(-1) },
    { active: search.host !== undefined, inDialog: true },
  )

  if (run === undefined) {
    return (
      <>
        <PageHeader back={{ to: '/runs', label: t('runs.history') }} title={t('runs.oneRun')} />
        {error === undefined ? (
          <LoadingLines />
        ) : (
          <>
            <ErrorNotice error={error} />
            <Link to="/runs">{t('runs.toHistory')}</Link>
          </>
        )}
      </>
    )
  }
  const moving = !isRunEnd(run.state)
  const reading = line === 'loading' && error === undefined && rows.length < run.total
  const shownCount = isShown === undefined ? run.total : shown.length
  const at = search.host === undefined ? -1 : place(search.host)
  const view =
    search.view ??
    (statesOf(search.state).length > 0 || search.text || search.answer ? 'hosts' : 'answers')

  return (
    <div className={style.page}>
      <RunHeader run={run} rows={rows} projects={detail.data?.projects ?? []} />
      <ErrorNotice error={error} />
      {moving &&
        detail.data?.waitsFor.map(({ idc, what, todo }) => (
          <Notice key={idc} tone="warning" title={`${idc} · ${say(what)}`}>
            <div className={style.soft}>{say(todo)}</div>
          </Notice>
        ))}
      {run.begun?.objection && (
        <Notice tone="warning" title={t('runs.begunObjection')}>
          <div className={style.soft}>{say(run.begun.objection)}</div>
        </Notice>
      )}
      <RunSummary
        open={{ ...open, run }}
        state={search.state}
        isShown={isShown}
        openIndex={at}
        onToggle={(state) => go({ state: toggleState(search.state, state), view: 'hosts' })}
        onOpen={openHost}
        onBad={() => go({ state: badStates.join(','), answer: undefined, view: 'hosts' })}
      />
      <Tabs
        className={style.views}
        activeKey={view}
        onChange={(key) => go({ view: runViews.find((one) => one === key) })}
        items={[
          {
            key: 'answers',
            destroyOnHidden: true, // it asks again and again while the run moves
            label: t('runs.tabAnswers'),
            children: (
              <AnswersView
                runId={id}
                moving={moving}
                onAnswer={(answer) => go({ answer, state: undefined, view: 'hosts' })}
                onState={(state) => go({ state, answer: undefined, view: 'hosts' })}
                onOpen={openHost}
              />
            ),
          },
          ...(detail.data?.tellsTasks === true
            ? [
                {
                  key: 'tasks',
                  destroyOnHidden: true,
                  label: t('runs.tabTasks'),
                  children: <TasksView runId={id} moving={moving} onOpen={openHost} />,
                },
              ]
            : []),
          ...(detail.data?.table == null
            ? []
            : [
                {
                  key: 'table',
                  destroyOnHidden: true,
                  label: t('runs.tabTable'),
                  children: <TableView runId={id} moving={moving} onOpen={openHost} />,
                },
              ]),
          {
            key: 'hosts',
            destroyOnHidden: true,
            label: t('runs.tabHosts', {
              hosts: reading && isShown !== undefined ? '…' : number(shownCount),
            }),
            children: (
              <HostsView
                rows={shown}
                reading={reading}
                search={search}
                onType={type}
                onAllAnswers={() => go({ answer: undefined })}
                onOpen={openHost}
              />
            ),
          },
          {
            key: 'search',
            label: t('runs.tabSearch'),
            children: (
              <OutputSearch
                runId={id}
                text={search.find ?? ''}
                onText={(text) => go({ find: text === '' ? undefined : text })}
                onOpen={openHost}
              />
            ),
          },
          {
            key: 'action',
            label: t('runs.tabAction'),
            children: (
              <>
                <pre className={style.outputTall} tabIndex={0}>
                  {detail.data?.preview ?? ''}
                </pre>
                {detail.data?.projects.map(({ name, commit, sha256, bytes }) => (
                  <p key={`${name} ${sha256}`} className="om-breakable">
                    {t('runs.project', { name })}
                    {commit !== null && ` · ${t('runs.projectCommit', { commit })}`}
                    {` · ${t('runs.projectArchive', { sha256 })} · ${number(bytes)} B`}
                  </p>
                ))}
              </>
            ),
          },
        ]}
      />
      <HostPanel runId={id} row={rows[at]} onClose={closeHost} />
    </div>
  )
}
