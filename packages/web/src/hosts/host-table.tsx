// The table of hosts: tick boxes, the columns a person chose, one line a host; on a phone two lines and no columns.

import { WarningFilled } from '@ant-design/icons'
import { useNavigate } from '@tanstack/react-router'
import { type MouseEvent, type ReactNode, useMemo, useRef } from 'react'
import { useTexts } from '../i18n/index.ts'
import { LabelTags, Tick, usePhone, type VirtualColumn, VirtualTable } from '../ui/index.ts'
import type { BriefHost } from './fleet.ts'
import type { HostColumn } from './host-columns.ts'
import style from './host-table.module.css'
import { coverage, type Picked, setAll, toggle, toggleRange } from './picking.ts'

interface HostTableProps {
  readonly shown: readonly BriefHost[]
  readonly columns: readonly HostColumn[]
  readonly picked: Picked
  readonly sort: string | undefined
  readonly cursor: number
  readonly empty: ReactNode
  readonly onPick: (picked: Picked) => void
  readonly onSort: (sort: string | undefined) => void
}

const Changed = () => {
  const { t } = useTexts()
  return (
    <span className={style.changed} title={t('hosts.keyChanged')}>
      <WarningFilled aria-label={t('hosts.keyChanged')} />
    </span>
  )
}

interface NameLinkProps {
  readonly host: BriefHost
  readonly onOpen: (id: string) => void
}

/** A plain link: the router's own works out its target when drawn, forty times a scroll. */
const NameLink = ({ host, onOpen }: NameLinkProps) => (
  <>
    <a
      href={`/hosts/${encodeURIComponent(host.id)}`}
      className={style.name}
      title={host.name}
      onClick={(event: MouseEvent) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
        event.preventDefault()
        onOpen(host.id)
      }}
    >
      {host.name}
    </a>
    {host.keyChanged ? <Changed /> : null}
  </>
)

export const HostTable = (props: HostTableProps) => {
  const { shown, picked, sort, onPick, onSort } = props
  const { t } = useTexts()
  const phone = usePhone()
  const lastTick = useRef(-1)
  const navigate = useNavigate()
  const open = (id: string) => void navigate({ to: '/hosts/$hostId', params: { hostId: id } })
  const covered = useMemo(() => coverage(picked, shown), [picked, shown])
  const tick = (index: number, shift: boolean) => {
    const host = shown[index]
    if (host === undefined) return
    onPick(
      shift && lastTick.current >= 0
        ? toggleRange(picked, shown, lastTick.current, index)
        : toggle(picked, host.id),
    )
    lastTick.current = index
  }
  const ticks: VirtualColumn<BriefHost> = {
    key: 'tick',
    track: '36px',
    title: (
      <Tick
        label={t('hosts.tickShown', { count: shown.length })}
        checked={covered === 'all'}
        partly={covered === 'some'}
        disabled={shown.length === 0}
        onChange={(checked) =>
          onPick(
            setAll(
              picked,
              shown.map(({ id }) => id),
              checked,
            ),
          )
        }
      />
    ),
    render: (host) => (
      <Tick
        label={t('hosts.tick', { name: host.name })}
        checked={picked.has(host.id)}
        onChange={(_, shift) => tick(shown.indexOf(host), shift)}
      />
    ),
  }
  const heading = (column: HostColumn): ReactNode => {
    if (!column.sortable) return column.title
    const next =
      sort === column.key ? `-${column.key}` : sort === `-${column.key}` ? undefined : column.key
    const arrow = sort === column.key ? '↑' : sort === `-${column.key}` ? '↓' : ''
    return (
      <button type="button" className={style.sort} onClick={() => onSort(next)}>
        {column.title} {arrow}
      </button>
    )
  }
  const wide = props.columns.map(
    (column): VirtualColumn<BriefHost> => ({
      key: column.key,
      track: column.track,
      title: heading(column),
      render: (host) =>
        column.key === 'name' ? (
          <NameLink host={host} onOpen={open} />
        ) : column.key === 'labels' ? (
          <LabelTags labels={column.rest?.(host) ?? host.labels} most={3} oneLine />
        ) : (
          <span title={column.text(host)}>{column.text(host)}</span>
        ),
    }),
  )
  const narrow: VirtualColumn<BriefHost> = {
    key: 'host',
    track: 'minmax(0, 1fr)',
    title: t('hosts.listed', { count: shown.length }),
    render: (host) => (
      <div className={style.narrow}>
        <div>
          <NameLink host={host} onOpen={open} />{' '}
          <span className="om-soft om-code">{host.address}</span>
        </div>
        <LabelTags labels={host.labels} most={3} oneLine />
      </div>
    ),
  }
  return (
    <VirtualTable
      label={t('hosts.title')}
      columns={phone ? [ticks, narrow] : [ticks, ...wide]}
      rows={shown}
      rowKey={({ id }) => id}
      rowHeight={phone ? 58 : 34}
      cursor={props.cursor}
      isMarked={({ id }) => picked.has(id)}
      empty={props.empty}
      onRowClick={(_, index, event) => {
        // Beside links and boxes, a click on the row ticks it: one aim, the whole width.
        if (event.target instanceof Element && event.target.closest('a, button, label, input'))
          return
        if (window.getSelection()?.isCollapsed === false) return
        tick(index, event.shiftKey)
      }}
    />
  )
}
