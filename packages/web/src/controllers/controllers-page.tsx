// The controllers: does every IDC have one that takes work, and if not, what is to be done?

import { type ControllerView, controllerRoutes, type IdcView } from '@omserver/api'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Popconfirm, Skeleton } from 'antd'
import { useAnswer, useChange } from '../api/index.ts'
import { EndpointSection } from '../endpoints/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useIdcs } from '../runs/index.ts'
import { useMay } from '../session/index.ts'
import {
  ActionButton,
  type DataColumn,
  DataTable,
  EmptyState,
  ErrorNotice,
  PageHeader,
  RelativeTime,
} from '../ui/index.ts'
import style from './controllers.module.css'
import { EnrollDialog } from './enroll-dialog.tsx'
import { Enrolled } from './enrolled.tsx'
import { StateWord } from './state-word.tsx'
import { Troubles } from './troubles.tsx'

const LOOK_EVERY_MS = 5_000

export const ControllersPage = () => {
  const { t, number } = useTexts()
  const { nameOf } = useIdcs()
  const search = useSearch({ from: '/controllers' })
  const navigate = useNavigate({ from: '/controllers' })
  const read = useMay('controller.read')
  const write = useMay('controller.write')
  const list = useAnswer(controllerRoutes.list, {}, { enabled: read.allowed, every: LOOK_EVERY_MS })
  if (!read.allowed) return <EmptyState whole title={read.why ?? ''} />
  const { engine, items = [], idcs = [] } = list.data ?? {}
  const unserved = idcs.filter(({ hosts, controllers }) => hosts > 0 && controllers === 0)
  const open = (enroll: string | undefined) =>
    void navigate({ search: { enroll }, replace: enroll === undefined })
  return (
    <>
      <PageHeader
        title={t('app.place.controllers')}
        note={
          list.data === undefined
            ? undefined
            : unserved.length === 0
              ? t('controllers.allServed', { count: idcs.length, idcs: number(idcs.length) })
              : t('controllers.unserved', {
                  count: unserved.length,
                  idcs: unserved.map(({ idc }) => nameOf(idc)).join(', '),
                })
        }
        actions={
          engine === 'nats' ? (
            <ActionButton type="primary" blocked={write.why} onClick={() => open('new')}>
              {t('controllers.enrollTitle')}
            </ActionButton>
          ) : undefined
        }
      />
      <div className="om-stack">
        <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
        {list.isPending ? (
          <Skeleton active title={false} />
        ) : (
          <>
            {engine === 'embedded' && <p className="om-soft">{t('controllers.embedded')}</p>}
            <h2 className={style.head}>{t('controllers.idcs')}</h2>
            <IdcTable idcs={idcs} />
            <h2 className={style.head}>{t('app.place.controllers')}</h2>
            {items.length === 0 ? (
              <EmptyState title={t('controllers.none')}>{t('controllers.noneBody')}</EmptyState>
            ) : (
              <ControllerTable items={items} mayEnroll={engine === 'nats'} onEnroll={open} />
            )}
            <EndpointSection
              title={t('controllers.endpoint.title')}
              headClass={style.head}
              idcName={nameOf}
            />
          </>
        )}
      </div>
      {search.enroll !== undefined && list.data !== undefined && (
        <EnrollDialog
          controller={items.find(({ name }) => name === search.enroll)}
          onClose={() => open(undefined)}
        />
      )}
    </>
  )
}

const IdcTable = ({ idcs }: { readonly idcs: readonly IdcView[] }) => {
  const { t, number } = useTexts()
  const { nameOf } = useIdcs()
  const count = (value: number | null) => (value === null ? '–' : number(value))
  const columns: readonly DataColumn<IdcView>[] = [
    {
      key: 'idc',
      title: t('controllers.idc'),
      lead: true,
      render: ({ idc }) => <strong>{nameOf(idc)}</strong>,
    },
    {
      key: 'controllers',
      title: t('controllers.alive'),
      align: 'end',
      render: ({ controllers }) => number(controllers),
    },
    {
      key: 'hosts',
      title: t('controllers.hosts'),
      align: 'end',
      render: ({ hosts }) => number(hosts),
    },
    {
      key: 'leased',
      title: t('controllers.leased'),
      align: 'end',
      render: ({ leased }) => count(leased),
    },
    {
      key: 'waiting',
      title: t('controllers.waiting'),
      align: 'end',
      render: ({ waiting }) => count(waiting),
    },
    {
      key: 'behind',
      title: t('controllers.behind'),
      align: 'end',
      render: ({ behind }) => count(behind),
    },
    {
      key: 'troubles',
      title: t('controllers.wrong'),
      width: '40%',
      render: ({ troubles }) =>
        troubles.length === 0 ? (
          <span className="om-good">{t('controllers.nothing')}</span>
        ) : (
          <Troubles list={troubles} />
        ),
    },
  ]
  return (
    <DataTable
      label={t('controllers.idcs')}
      columns={columns}
      rows={idcs}
      rowKey={({ idc }) => idc}
    />
  )
}

interface ControllerTableProps {
  readonly items: readonly ControllerView[]
  readonly mayEnroll: boolean
  readonly onEnroll: (name: string) => void
}

const ControllerTable = ({ items, mayEnroll, onEnroll }: ControllerTableProps) => {
  const { t, number } = useTexts()
  const { nameOf } = useIdcs()
  const write = useMay('controller.write')
  const drain = useChange(controllerRoutes.drain, ['controllers.'])
  const revoke = useChange(controllerRoutes.revoke, ['controllers.'])
  /** Where nobody else takes work: runs for those IDCs will wait. */
  const aloneIn = (one: ControllerView) =>
    one.idcs.filter(
      (idc) =>
        !items.some(
          (other) =>
            other.name !== one.name && other.state === 'online' && other.idcs.includes(idc),
        ),
    )
  const columns: readonly DataColumn<ControllerView>[] = [
    {
      key: 'name',
      title: t('controllers.name'),
      lead: true,
      render: ({ name, presence }) => (
        <span>
          <strong className="om-breakable">{name}</strong>
          {presence !== null && presence.host !== '' && (
            <span className="om-soft om-breakable"> {presence.host}</span>
          )}
        </span>
      ),
    },
    {
      key: 'state',
      title: t('controllers.is'),
      render: ({ state }) => <StateWord state={state} />,
    },
    {
      key: 'idcs',
      title: t('controllers.idc'),
      render: ({ idcs }) => <span className="om-breakable">{idcs.map(nameOf).join(', ')}</span>,
    },
    {
      key: 'enrolled',
      title: t('controllers.enrolledBy'),
      render: (one) => <Enrolled of={one} />,
    },
    {
      key: 'version',
      title: t('controllers.version'),
      render: ({ presence }) =>
        presence === null ? (
          '–'
        ) : (
          <span>
            {presence.version} <code className="om-soft">{presence.drivers.join(' ')}</code>
          </span>
        ),
    },
    {
      key: 'work',
      title: t('controllers.inFlight'),
      align: 'end',
      render: ({ presence }) => (presence === null ? '–' : number(presence.inFlight)),
    },
    {
      key: 'load',
      title: t('controllers.load'),
      align: 'end',
      render: ({ presence }) => (presence === null ? '–' : number(presence.load)),
    },
    {
      key: 'since',
      title: t('controllers.since'),
      render: ({ presence }) => <RelativeTime at={presence?.startedAt} />,
    },
    {
      key: 'troubles',
      title: t('controllers.wrong'),
      width: '28%',
      render: ({ troubles }) =>
        troubles.length === 0 ? <span className="om-soft">–</span> : <Troubles list={troubles} />,
    },
    {
      key: 'actions',
      title: t('ui.actions'),
      unseen: true,
      align: 'end',
      render: (one) => (
        <span className="om-row" style={{ justifyContent: 'flex-end', gap: 4 }}>
          {mayEnroll && (one.state === 'notEnrolled' || one.state === 'revoked') && (
            <ActionButton
              size="small"
              type="text"
              blocked={write.why}
              onClick={() => onEnroll(one.name)}
            >
              {t('controllers.enroll')}
            </ActionButton>
          )}
          {one.state === 'online' && (
            <Popconfirm
              title={t('controllers.drainTitle', { name: one.name })}
              description={
                <>
                  <div>{t('controllers.drainNote')}</div>
                  {aloneIn(one).length > 0 && (
                    <div>
                      {t('controllers.drainAlone', {
                        count: aloneIn(one).length,
                        idcs: aloneIn(one).map(nameOf).join(', '),
                      })}
                    </div>
                  )}
                </>
              }
              okText={t('controllers.drain')}
              cancelText={t('ui.cancel')}
              disabled={!write.allowed}
              onConfirm={() => drain.mutate({ params: { name: one.name }, body: { drain: true } })}
            >
              <ActionButton size="small" type="text" blocked={write.why}>
                {t('controllers.drain')}
              </ActionButton>
            </Popconfirm>
          )}
          {one.state === 'draining' && (
            <ActionButton
              size="small"
              type="text"
              blocked={write.why}
              onClick={() => drain.mutate({ params: { name: one.name }, body: { drain: false } })}
            >
              {t('controllers.resume')}
            </ActionButton>
          )}
          {one.enrolled !== null && one.revoked === null && (
            <Popconfirm
              title={t('controllers.revokeTitle', { name: one.name })}
              description={t('controllers.revokeWhy')}
              okText={t('controllers.revoke')}
              cancelText={t('ui.cancel')}
              okButtonProps={{ danger: true }}
              disabled={!write.allowed}
              onConfirm={() => revoke.mutate({ params: { name: one.name } })}
            >
              <ActionButton size="small" type="text" danger blocked={write.why}>
                {t('controllers.revoke')}
              </ActionButton>
            </Popconfirm>
          )}
        </span>
      ),
    },
  ]
  return (
    <>
      <ErrorNotice error={drain.error ?? revoke.error} />
      <DataTable
        label={t('app.place.controllers')}
        columns={columns}
        rows={items}
        rowKey={({ name }) => name}
      />
    </>
  )
}
