// The activity log: who did what, from where, to what; filtered by the address, read on without end.

import { type ActivityView, activityRoutes } from '@omserver/api'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Button, Input, Select, Skeleton } from 'antd'
import { useMemo } from 'react'
import { client } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import {
  type DataColumn,
  DataTable,
  EmptyState,
  ErrorNotice,
  PageHeader,
  RelativeTime,
  useDraft,
} from '../ui/index.ts'
import { ActivityDetail } from './activity-detail.tsx'
import style from './activity-page.module.css'
import { activityText } from './activity-text.ts'
import { useActivityWords } from './activity-words.ts'
import { timesOf } from './time-span.ts'

const spans = ['day', 'week', 'month', 'dates'] as const

const useFilter = () => {
  const search = useSearch({ from: '/activity' })
  const navigate = useNavigate({ from: '/activity' })
  /** What is chosen or opened is a step that Back takes back; what is typed replaces the address. */
  const change = (part: Partial<typeof search>, typed = false) =>
    void navigate({ search: (old) => ({ ...old, open: undefined, ...part }), replace: typed })
  const { actor, what, text, span, from, to } = search
  const query = useMemo(
    () => ({ actor, what, text, ...timesOf({ span, from, to }, Date.now()) }),
    [actor, what, text, span, from, to],
  )
  const isFiltered = [actor, what, text, span].some((each) => each !== undefined)
  return { search, change, query, isFiltered }
}

type Filter = ReturnType<typeof useFilter>

const some = (text: string): string | undefined => (text === '' ? undefined : text)

const Filters = ({ filter }: { readonly filter: Filter }) => {
  const { t } = useTexts()
  const { search, change } = filter
  const [text, setText] = useDraft(search.text ?? '', (next) => change({ text: some(next) }, true))
  const [actor, setActor] = useDraft(search.actor ?? '', (next) =>
    change({ actor: some(next) }, true),
  )
  return (
    <div className={style.filters}>
      <div className={style.text} data-page-search>
        <Input
          allowClear
          type="search"
          aria-label={t('activity.search')}
          placeholder={t('activity.searchWhat')}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
      </div>
      <Input
        allowClear
        className={style.narrow}
        aria-label={t('activity.actor')}
        placeholder={t('activity.actor')}
        value={actor}
        onChange={({ target }) => setActor(target.value)}
      />
      <Select
        allowClear
        className={style.narrow}
        aria-label={t('activity.what')}
        placeholder={t('activity.anything')}
        value={search.what ?? null}
        options={[
          'hosts',
          'groups',
          'credentials',
          'projects',
          'files',
          'runs',
          'trust',
          'controllers',
          'users',
          'teams',
          'tokens',
          'auth',
          'settings',
          'customModules',
        ].map((value) => ({ value, label: t(`activity.area.${value as 'hosts'}`) }))}
        onChange={(next) => change({ what: next ?? undefined })}
      />
      <Select
        allowClear
        className={style.narrow}
        aria-label={t('activity.when')}
        placeholder={t('activity.anyTime')}
        value={search.span ?? null}
        options={spans.map((value) => ({ value, label: t(`activity.span.${value}`) }))}
        onChange={(next) => change({ span: next ?? undefined, from: undefined, to: undefined })}
      />
      {search.span === 'dates' ? (
        <span className="om-row">
          <Input
            type="date"
            aria-label={t('activity.from')}
            value={search.from ?? ''}
            onChange={({ target }) => change({ from: some(target.value) })}
          />
          –
          <Input
            type="date"
            aria-label={t('activity.to')}
            value={search.to ?? ''}
            onChange={({ target }) => change({ to: some(target.value) })}
          />
        </span>
      ) : null}
    </div>
  )
}

const SubjectOf = ({ entry }: { readonly entry: ActivityView }) => {
  const { t } = useTexts()
  const subject = useActivityWords().subject(entry)
  const { hostCount } = entry
  return (
    <span className="om-breakable">
      {subject?.runId === undefined ? (
        subject?.text
      ) : (
        <Link to="/runs/$id" params={{ id: subject.runId }}>
          {subject.text}
        </Link>
      )}
      {hostCount > 0 ? (
        <span className="om-soft">
          {subject === undefined ? '' : ' · '}
          {t('ui.hosts', { count: hostCount })}
        </span>
      ) : null}
    </span>
  )
}

export const ActivityPage = () => {
  const { t, say } = useTexts()
  const words = useActivityWords()
  const read = useMay('activity.read')
  const filter = useFilter()
  const pages = useInfiniteQuery({
    queryKey: [activityRoutes.list.id, filter.query],
    queryFn: ({ pageParam, signal }) =>
      client.call(activityRoutes.list, {
        query: { ...filter.query, limit: 100, ...(pageParam === '' ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    enabled: read.allowed,
  })
  if (!read.allowed) return <EmptyState whole title={read.why ?? ''} />
  const rows = pages.data?.pages.flatMap(({ items }) => items) ?? []
  const open = filter.search.open
  const columns: readonly DataColumn<ActivityView>[] = [
    {
      key: 'at',
      title: t('activity.when'),
      width: '110px',
      render: ({ at }) => <RelativeTime at={at} />,
    },
    {
      key: 'actor',
      title: t('activity.actor'),
      render: (entry) => {
        const via = entry.via === 'session' ? undefined : words.via(entry)
        return (
          <span>
            {words.who(entry)}
            {via === undefined ? null : <span className="om-soft"> · {via}</span>}
          </span>
        )
      },
    },
    {
      key: 'what',
      title: t('activity.what'),
      lead: true,
      render: (entry) => (
        <span
          title={entry.what}
          className={entry.what.endsWith('failed') ? 'om-danger' : undefined}
        >
          {say(activityText(entry.what))}
        </span>
      ),
    },
    {
      key: 'subject',
      title: t('activity.subject'),
      render: (entry) => <SubjectOf entry={entry} />,
    },
    {
      key: 'from',
      title: t('activity.fromWhere'),
      render: ({ from }) => <span className="om-code">{words.from(from)}</span>,
    },
    {
      key: 'open',
      title: t('ui.details'),
      unseen: true,
      align: 'end',
      render: ({ id }) => (
        <Button
          size="small"
          type="text"
          aria-expanded={open === id}
          onClick={() => filter.change({ open: open === id ? undefined : id })}
        >
          {open === id ? t('activity.less') : t('activity.more')}
        </Button>
      ),
    },
  ]
  const download = (format: 'csv' | 'jsonl') =>
    client.url(activityRoutes.export, { query: { ...filter.query, format } })
  return (
    <>
      <PageHeader
        title={t('app.place.activity')}
        note={t('activity.note')}
        actions={
          <>
            <Button href={download('csv')} download>
              {t('activity.export', { format: 'CSV' })}
            </Button>
            <Button href={download('jsonl')} download>
              {t('activity.export', { format: 'JSON' })}
            </Button>
          </>
        }
      />
      <div className="om-stack">
        <Filters filter={filter} />
        <ErrorNotice error={pages.error} onRetry={() => void pages.refetch()} />
        {pages.isPending ? (
          <Skeleton active title={false} />
        ) : rows.length === 0 ? (
          pages.error === null ? (
            <EmptyState title={filter.isFiltered ? t('activity.noMatch') : t('activity.none')} />
          ) : null
        ) : (
          <DataTable
            label={t('app.place.activity')}
            columns={columns}
            rows={rows}
            rowKey={({ id }) => id}
            openKey={open}
            detail={(entry) => <ActivityDetail entry={entry} />}
          />
        )}
        {pages.hasNextPage ? (
          <div style={{ textAlign: 'center' }}>
            <Button loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
              {t('activity.older')}
            </Button>
          </div>
        ) : null}
      </div>
    </>
  )
}
