// All hosts: which there are, which are ticked, and what can be done with them.

import { ApartmentOutlined, FolderOutlined, PlusOutlined, UploadOutlined } from '@ant-design/icons'
import { useNavigate } from '@tanstack/react-router'
import { Button } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { useTexts } from '../i18n/index.ts'
import { useKeys } from '../keyboard/index.ts'
import { useMay } from '../session/index.ts'
import {
  ActionButton,
  CountBadge,
  EmptyState,
  ErrorNotice,
  LoadingLines,
  PageHeader,
  SelectorInput,
  TextInput,
  useDraft,
  usePhone,
} from '../ui/index.ts'
import { ColumnChooser } from './column-chooser.tsx'
import { DemoOffer } from './demo-offer.tsx'
import { HostActions } from './host-actions.tsx'
import style from './host-list-page.module.css'
import { HostTable } from './host-table.tsx'
import { LabelTreePanel } from './label-tree-panel.tsx'
import { toggle } from './picking.ts'
import { type HostList, useHostList } from './use-host-list.ts'

const HostFormDrawer = lazy(async () => ({
  default: (await import('./host-form-drawer.tsx')).HostFormDrawer,
}))
const ImportDrawer = lazy(async () => ({
  default: (await import('./import-drawer.tsx')).ImportDrawer,
}))
const TreeDrawer = lazy(async () => ({ default: (await import('./tree-drawer.tsx')).TreeDrawer }))
const GroupsDrawer = lazy(async () => ({
  default: (await import('./groups-drawer.tsx')).GroupsDrawer,
}))

/** Below this many hosts nobody has a fleet yet, and a simulated one is worth a look. */
const FEW = 5

const NoHosts = ({ list }: { readonly list: HostList }) => {
  const { t } = useTexts()
  const write = useMay('host.write')
  if (list.fleet.hosts.length > 0) {
    return (
      <EmptyState
        small
        title={list.isWrong ? t('hosts.wrongSelector.title') : t('hosts.noMatch.title')}
        actions={
          <Button
            onClick={() =>
              list.change({ q: undefined, sel: undefined, in: undefined, by: undefined })
            }
          >
            {t('hosts.noMatch.clear')}
          </Button>
        }
      >
        {list.isWrong ? t('hosts.wrongSelector.body') : t('hosts.noMatch.body')}
      </EmptyState>
    )
  }
  return (
    <EmptyState
      title={t('hosts.none.title')}
      actions={
        <>
          <ActionButton
            type="primary"
            blocked={write.why}
            onClick={() => list.change({ open: 'import' })}
          >
            {t('hosts.import')}
          </ActionButton>
          <ActionButton blocked={write.why} onClick={() => list.change({ open: 'add' })}>
            {t('hosts.add')}
          </ActionButton>
        </>
      }
    >
      {t('hosts.none.body')}
    </EmptyState>
  )
}

/** The table with its cursor, apart: `j` and `k` draw this again and nothing else. */
const KeyedTable = ({ list }: { readonly list: HostList }) => {
  const navigate = useNavigate()
  const [cursor, setCursor] = useState(-1)
  const at = Math.min(cursor, list.shown.length - 1)
  const host = list.shown[at]
  const openRow = () => {
    if (host !== undefined) void navigate({ to: '/hosts/$hostId', params: { hostId: host.id } })
  }
  useKeys({
    j: () => setCursor(Math.min(at + 1, list.shown.length - 1)),
    k: () => setCursor(Math.max(at - 1, 0)),
    x: () => host !== undefined && list.setPicked(toggle(list.picked, host.id)),
    ...(host === undefined ? {} : { Enter: openRow }),
  })
  return (
    <HostTable
      shown={list.shown}
      columns={list.columns}
      picked={list.picked}
      sort={list.search.sort}
      cursor={at}
      empty={<NoHosts list={list} />}
      onPick={list.setPicked}
      onSort={(sort) => list.replace({ sort })}
    />
  )
}

const Filters = ({ list, onTree }: { readonly list: HostList; readonly onTree: () => void }) => {
  const { t } = useTexts()
  const [words, setWords] = useDraft(list.search.q ?? '', (q) =>
    list.replace({ q: q === '' ? undefined : q }),
  )
  const [sel, setSel] = useDraft(list.search.sel ?? '', (text) =>
    list.replace({ sel: text === '' ? undefined : text }),
  )
  return (
    <div className={style.filters}>
      <div className={style.words} data-page-search>
        <TextInput
          clearable
          type="search"
          aria-label={t('hosts.search')}
          placeholder={t('hosts.searchWhat')}
          value={words}
          onText={setWords}
        />
      </div>
      <div className={style.selector}>
        <SelectorInput
          label={t('hosts.selector')}
          placeholder={t('hosts.selectorWhat')}
          value={sel}
          count={list.shown.length}
          problem={list.problem}
          onChange={setSel}
        />
      </div>
      <Button className={style.treeButton} icon={<ApartmentOutlined />} onClick={onTree}>
        {t('hosts.tree')}
      </Button>
      <span className={style.columns}>
        <ColumnChooser list={list} />
      </span>
    </div>
  )
}

const Count = ({ list }: { readonly list: HostList }) => {
  const { t, number } = useTexts()
  const total = list.fleet.hosts.length
  if (!list.isFiltered) return <CountBadge count={total} />
  return (
    <span className="om-count om-count-plain" aria-live="polite">
      {t('hosts.shownOf', { shown: number(list.shown.length), total: number(total) })}
    </span>
  )
}

export const HostListPage = () => {
  const { t } = useTexts()
  const phone = usePhone()
  const list = useHostList()
  const write = useMay('host.write')
  const [treeOpen, setTreeOpen] = useState(false)
  const total = list.fleet.hosts.length
  const tree = (
    <LabelTreePanel
      hosts={list.fleet.hosts}
      order={list.order}
      path={list.path}
      onOrder={list.setOrder}
      onPath={(path) => {
        list.setPath(path)
        setTreeOpen(false)
      }}
    />
  )
  return (
    <div className="om-fill">
      <PageHeader
        title={t('hosts.title')}
        extra={list.fleet.data === undefined ? null : <Count list={list} />}
        actions={
          <>
            <Button icon={<FolderOutlined />} onClick={() => list.change({ open: 'groups' })}>
              {t('hosts.groups')}
            </Button>
            <ActionButton
              icon={<UploadOutlined />}
              blocked={write.why}
              onClick={() => list.change({ open: 'import' })}
            >
              {t('hosts.import')}
            </ActionButton>
            <ActionButton
              type="primary"
              icon={<PlusOutlined />}
              blocked={write.why}
              onClick={() => list.change({ open: 'add' })}
            >
              {t('hosts.add')}
            </ActionButton>
          </>
        }
      />
      <ErrorNotice error={list.fleet.error} onRetry={() => void list.fleet.refetch()} />
      {list.fleet.data !== undefined && total < FEW ? <DemoOffer /> : null}
      <div className={style.split}>
        {phone ? (
          <Suspense>
            {treeOpen ? <TreeDrawer onClose={() => setTreeOpen(false)}>{tree}</TreeDrawer> : null}
          </Suspense>
        ) : (
          <aside className={style.tree}>{tree}</aside>
        )}
        <div className={style.list}>
          <Filters list={list} onTree={() => setTreeOpen(true)} />
          <HostActions list={list} />
          {list.fleet.isPending ? <LoadingLines lines={10} /> : <KeyedTable list={list} />}
        </div>
      </div>
      <Suspense>
        {list.search.open === 'add' ? <HostFormDrawer onClose={list.close} /> : null}
        {list.search.open === 'import' ? (
          <ImportDrawer
            way={list.search.way ?? 'file'}
            onWay={(way) => list.replace({ way: way === 'file' ? undefined : way })}
            onClose={list.close}
          />
        ) : null}
        {list.search.open === 'groups' ? <GroupsDrawer list={list} onClose={list.close} /> : null}
      </Suspense>
    </div>
  )
}
