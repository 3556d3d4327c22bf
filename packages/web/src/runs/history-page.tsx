// History: what ran, by whom, where, and whether it worked.

import { type RunView, runRoutes } from '@omserver/api'
import { runStates } from '@omserver/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Button, Checkbox, Select } from 'antd'
import { client, keyOf } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import { RunStatusMark } from '../status/index.ts'
import {
  ActionButton,
  EmptyState,
  ErrorNotice,
  LoadingLines,
  PageHeader,
  RelativeTime,
  TextInput,
  useDraft,
} from '../ui/index.ts'
import { clockText } from './clock.ts'
import list from './history.module.css'
import { keyParameter } from './key-parameter.ts'
import type { HistorySearch } from './search.ts'
import { StatusBar } from './status-bar.tsx'

export const HistoryPage = () => {
  const search = useSearch({ from: '/runs' })
  const navigate = useNavigate({ from: '/runs' })
  const { t } = useTexts()
  const launch = useMay('run.launch')
  const { choices, ...filter } = search
  const query = { ...filter, ...(choices === true ? { choices: 'true' } : {}), limit: 50 }
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
  const set = (part: Partial<HistorySearch>, replace = false) =>
    void navigate({ search: (old) => ({ ...old, ...part }), replace })
  const [words, setWords] = useDraft(search.text ?? '', (text) =>
    set({ text: text === '' ? undefined : text }, true),
  )
  const runs = pages.data?.pages.flatMap((page) => page.items) ?? []
  const filtered = Object.values(search).some((value) => value !== undefined)
  return (
    <>
      <PageHeader
        title={t('runs.history')}
        actions={
          <ActionButton
            type="primary"
            blocked={launch.why}
            onClick={() => void navigate({ to: '/launch', search: {} })}
          >
            {t('runs.launchFirst')}
          </ActionButton>
        }
      />
      <div className={list.filters}>
        <span className={list.words} data-page-search>
          <TextInput
            clearable
            type="search"
            value={words}
            placeholder={t('runs.historyText')}
            aria-label={t('runs.historyText')}
            onText={setWords}
          />
        </span>
        <Select
          allowClear
          mode="multiple"
          className={list.states}
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
        <Checkbox
          checked={search.choices === true}
          onChange={({ target }) => set({ choices: target.checked || undefined })}
        >
          {t('runs.withChoices')}
        </Checkbox>
        {filtered && (
          <Button onClick={() => void navigate({ search: {} })}>{t('runs.clearFilter')}</Button>
        )}
      </div>
      <ErrorNotice error={pages.error} onRetry={() => void pages.refetch()} />
      {pages.isLoading && <LoadingLines lines={8} />}
      {pages.data !== undefined && runs.length === 0 && (
        <EmptyState
          title={filtered ? t('runs.noneFound') : t('runs.noneYet')}
          actions={
            filtered ? undefined : (
              <ActionButton
                type="primary"
                blocked={launch.why}
                onClick={() => void navigate({ to: '/launch', search: {} })}
              >
                {t('runs.launchFirst')}
              </ActionButton>
            )
          }
        />
      )}
      <ul className={list.runs} aria-label={t('runs.history')}>
        {runs.map((run) => (
          <RunItem key={run.id} run={run} />
        ))}
      </ul>
      {pages.hasNextPage && (
        <Button block loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('runs.more')}
        </Button>
      )}
    </>
  )
}

const RunItem = ({ run }: { readonly run: RunView }) => {
  const { t, say, number } = useTexts()
  const key = keyParameter(run)
  const bad = run.total - run.counts.ok - run.counts.queued - run.counts.running
  return (
    <li className={list.runItem}>
      <Link to="/runs/$id" params={{ id: run.id }} className={list.runLink} data-row>
        <span className={list.runState}>
          <RunStatusMark state={run.state} />
        </span>
        <span className={list.runTitle}>
          <strong>{say(run.moduleTitle)}</strong>
          <code>{run.module}</code>
          {run.check ? ` · ${t('runs.checkMode')}` : ''}
          {run.begun ? ` · ${t('runs.begunTag', { idc: run.begun.idc })}` : ''}
          {key !== '' && (
            <code className={list.runKey} title={key}>
              {key}
            </code>
          )}
        </span>
        <span className={list.runHosts}>
          {t('runs.okOf', { ok: number(run.counts.ok), total: number(run.total) })}
          {bad > 0 && (
            <span className={list.bad}> · {t('runs.badCount', { hosts: number(bad) })}</span>
          )}
          <StatusBar counts={run.counts} total={run.total} />
        </span>
        <span className={list.runSelector} title={run.selector}>
          {run.selector}
        </span>
        <span className={list.runWho}>{run.startedBy}</span>
        <span className={list.runWhen}>
          <RelativeTime at={run.createdAt} />
          {run.endedAt !== null && run.startedAt !== null
            ? ` · ${clockText(run.endedAt - run.startedAt)}`
            : ''}
        </span>
      </Link>
    </li>
  )
}
