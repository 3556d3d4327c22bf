// History: what ran, by whom, where, and whether it worked.

import { type RunView, runRoutes } from '@omserver/api'
import { runStates } from '@omserver/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Alert, Button, Empty, Input, Select, Spin } from 'antd'
import { client, errorMessage, keyOf } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { RunStatusMark } from '../status/index.ts'
import { clockText, useNow } from './clock.ts'
import list from './history.module.css'
import style from './runs.module.css'
import type { HistorySearch } from './search.ts'
import { StatusBar } from './status-bar.tsx'

export const HistoryPage = () => {
  const search = useSearch({ strict: false }) as HistorySearch
  const navigate = useNavigate()
  const { t, lang } = useTexts()
  const now = useNow(true, 10_000)
  const query = { ...search, limit: 50 }
  const pages = useInfiniteQuery({
    queryKey: [...keyOf(runRoutes.list, { query }), 'pages'],
    queryFn: ({ pageParam, signal }) =>
      client.call(runRoutes.list, {
        query: { ...query, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    refetchInterval: 5000,
  })
  const set = (part: Partial<HistorySearch>) =>
    void navigate({
      to: '.',
      search: ((old: HistorySearch) => ({ ...old, ...part })) as never,
      replace: true,
    })
  const runs = pages.data?.pages.flatMap((page) => page.items) ?? []
  const filtered = Object.values(search).some((value) => value !== undefined)
  return (
    <div className={style.page}>
      <h1 className={style.title}>{t('runs.history')}</h1>
      <div className={style.tableTools}>
        <Input.Search
          allowClear
          className={style.search}
          defaultValue={search.text}
          placeholder={t('runs.historyText')}
          aria-label={t('runs.historyText')}
          onSearch={(value) => set({ text: value === '' ? undefined : value })}
        />
        <Select
          allowClear
          mode="multiple"
          className={style.search}
          placeholder={t('runs.anyState')}
          aria-label={t('runs.anyState')}
          value={search.state?.split(',') ?? []}
          onChange={(states: string[]) =>
            set({ state: states.length === 0 ? undefined : states.join(',') })
          }
          options={runStates
            .filter((state) => state !== 'awaitingApproval' && state !== 'paused')
            .map((state) => ({ value: state, label: t(`status.run.${state}`) }))}
        />
        {filtered && (
          <Button onClick={() => void navigate({ to: '.', search: {} as never })}>
            {t('runs.clearFilter')}
          </Button>
        )}
      </div>
      {pages.error !== null && <Alert type="error" title={errorMessage(pages.error, lang).text} />}
      {pages.isLoading && <Spin className={style.waiting} />}
      {!pages.isLoading && runs.length === 0 && (
        <Empty description={filtered ? t('runs.noneFound') : t('runs.noneYet')}>
          {!filtered && (
            <Button type="primary" onClick={() => void navigate({ to: '/launch' as never })}>
              {t('runs.launchFirst')}
            </Button>
          )}
        </Empty>
      )}
      <ul className={list.runs}>
        {runs.map((run) => (
          <RunItem key={run.id} run={run} now={now} />
        ))}
      </ul>
      {pages.hasNextPage && (
        <Button block loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('runs.more')}
        </Button>
      )}
    </div>
  )
}

const RunItem = ({ run, now }: { readonly run: RunView; readonly now: number }) => {
  const { t, say, number, exactTime, relativeTime } = useTexts()
  const bad = run.total - run.counts.ok - run.counts.queued - run.counts.running
  return (
    <li className={list.runItem}>
      <Link to={`/runs/${run.id}` as never} className={list.runLink}>
        <span className={list.runState}>
          <RunStatusMark state={run.state} />
        </span>
        <span className={list.runTitle}>
          <strong>{say(run.moduleTitle)}</strong>
          <code>{run.module}</code>
          {run.check ? ` · ${t('runs.checkMode')}` : ''}
        </span>
        <span className={list.runHosts}>
          {t('runs.okOf', { ok: number(run.counts.ok), total: number(run.total) })}
          {bad > 0 && (
            <span className={style.overtime}> · {t('runs.badCount', { hosts: number(bad) })}</span>
          )}
          <StatusBar counts={run.counts} total={run.total} />
        </span>
        <span className={list.runSelector} title={run.selector}>
          {run.selector}
        </span>
        <span className={list.runWho}>{run.startedBy}</span>
        <span className={list.runWhen} title={exactTime(run.createdAt)}>
          {relativeTime(run.createdAt, now)}
          {run.endedAt !== null && run.startedAt !== null
            ? ` · ${clockText(run.endedAt - run.startedAt)}`
            : ''}
        </span>
      </Link>
    </li>
  )
}
