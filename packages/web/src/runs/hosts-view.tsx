// The hosts of a run as a table: filtered by state, answer and word, one press away from their output.

import type { HostResultView } from '@omserver/api'
import { type EndReason, endAdvice, endMessage } from '@omserver/core'
import { Input, Tag } from 'antd'
import { useEffect, useState } from 'react'
import { useTexts } from '../i18n/index.ts'
import { useKeys } from '../keyboard/index.ts'
import { HostStatusMark } from '../status/index.ts'
import {
  EmptyState,
  LoadingLines,
  useDraft,
  usePhone,
  type VirtualColumn,
  VirtualTable,
} from '../ui/index.ts'
import { clockText } from './clock.ts'
import style from './runs.module.css'
import type { RunSearch } from './search.ts'

interface Props {
  readonly rows: readonly HostResultView[]
  /** More are on their way: none here is not yet none at all. */
  readonly reading: boolean
  readonly search: RunSearch
  readonly onType: (part: Partial<RunSearch>) => void
  readonly onAllAnswers: () => void
  readonly onOpen: (hostId: string) => void
}

export const HostsView = (props: Props) => {
  const { rows, reading, search, onType, onAllAnswers, onOpen } = props
  const { t } = useTexts()
  const [words, setWords] = useDraft(search.text ?? '', (text) =>
    onType({ text: text === '' ? undefined : text }),
  )
  const columns = useColumns(onOpen)
  const [pointed, setPointed] = useState<string>()
  const marked = search.host ?? pointed
  const at = rows.findIndex(({ hostId }) => hostId === marked)
  useEffect(() => {
    // The list goes on from the host that was open last.
    if (search.host !== undefined) setPointed(search.host)
  }, [search.host])
  const go = (by: number) => {
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))]
    if (next === undefined) return
    setPointed(next.hostId)
    // What was pressed before must not be pressed again by the Enter that is meant for the row.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
  }
  const openPointed = ({ target }: KeyboardEvent) => {
    if (target instanceof HTMLElement && target.matches('a, button, summary, [role=tab]')) {
      target.click()
    } else if (pointed !== undefined) onOpen(pointed)
  }
  // Once a host is open, the page moves on from host to host (run-page.tsx).
  useKeys(
    {
      j: () => go(1),
      k: () => go(-1),
      ...(pointed === undefined ? {} : { Enter: openPointed }),
    },
    { active: search.host === undefined },
  )
  return (
    <>
      <div className={style.tableTools} data-page-search>
        <Input
          allowClear
          type="search"
          className={style.search}
          value={words}
          placeholder={t('runs.filterByName')}
          aria-label={t('runs.filterByName')}
          onChange={({ target }) => setWords(target.value)}
        />
        {search.answer !== undefined && (
          <Tag closable onClose={onAllAnswers}>
            {t('runs.oneAnswer')}
          </Tag>
        )}
      </div>
      <div className={style.hostList}>
        <VirtualTable
          label={t('runs.hostList')}
          columns={columns}
          rows={rows}
          rowKey={({ hostId }) => hostId}
          cursor={at}
          empty={reading ? <LoadingLines /> : <EmptyState small title={t('runs.noHostHere')} />}
          onRowClick={(row) => onOpen(row.hostId)}
        />
      </div>
    </>
  )
}

const useColumns = (onOpen: (hostId: string) => void): readonly VirtualColumn<HostResultView>[] => {
  const { t, say } = useTexts()
  const phone = usePhone()
  // The reason is in the language of the screen; the message is whatever a program said, and stays at hand.
  const reasonText = ({ reason, message }: HostResultView): string | null => {
    const advice = reason === null ? undefined : endAdvice[reason as EndReason]
    return advice === undefined ? message && say(endMessage(message)) : say(advice.title)
  }
  const exit = (row: HostResultView): string =>
    [
      row.exit === null ? '' : String(row.exit),
      row.changed ? t('runs.changed') : '',
      row.attempt > 1 ? t('runs.attempt', { attempt: row.attempt }) : '',
    ]
      .filter((part) => part !== '')
      .join(' · ')
  const state: VirtualColumn<HostResultView> = {
    key: 'state',
    track: phone ? '100px' : '112px',
    title: t('runs.column.state'),
    render: (row) => <HostStatusMark state={row.state} />,
  }
  const name: VirtualColumn<HostResultView> = {
    key: 'name',
    track: 'minmax(120px, 1fr)',
    title: t('runs.host'),
    render: (row) => (
      <button
        type="button"
        className={style.nameButton}
        title={row.name}
        onClick={() => onOpen(row.hostId)}
      >
        {row.name}
      </button>
    ),
  }
  const time: VirtualColumn<HostResultView> = {
    key: 'time',
    track: '72px',
    title: <span className={style.end}>{t('runs.column.time')}</span>,
    render: (row) => (
      <span className={style.end}>{row.durationMs === null ? '' : clockText(row.durationMs)}</span>
    ),
  }
  if (phone) return [state, name, time]
  return [
    state,
    name,
    {
      key: 'address',
      track: '136px',
      title: t('runs.column.address'),
      render: (row) => <span className="om-soft">{row.address}</span>,
    },
    {
      key: 'exit',
      track: '128px',
      title: t('runs.column.exit'),
      render: (row) => <span className="om-soft">{exit(row)}</span>,
    },
    time,
    {
      key: 'message',
      track: 'minmax(160px, 2fr)',
      title: t('runs.column.message'),
      render: (row) => (
        <span className="om-soft" title={row.message === null ? '' : say(endMessage(row.message))}>
          {reasonText(row)}
        </span>
      ),
    },
  ]
}
