// The endpoints of drivers: does every host that is reached by Salt or Func have one?

import { type EndpointView, endpointRoutes } from '@omserver/api'
import { Popconfirm } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { useAnswer, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import {
  ActionButton,
  type DataColumn,
  DataTable,
  ErrorNotice,
  Notice,
  RelativeTime,
} from '../ui/index.ts'

const EndpointDrawer = lazy(async () => ({
  default: (await import('./endpoint-drawer.tsx')).EndpointDrawer,
}))

const whereOf = ({ kind, settings }: EndpointView): string =>
  kind === 'salt'
    ? `${settings['user']} @ ${settings['url']}`
    : settings['mode'] === 'transmit'
      ? `func-transmit @ ${settings['overlord']}`
      : `funcd :${settings['port']}`

interface Props {
  readonly title: string
  readonly headClass: string | undefined
  readonly idcName: (idc: string) => string
}

export const EndpointSection = ({ title, headClass, idcName }: Props) => {
  const { t, number } = useTexts()
  const read = useMay('endpoint.read')
  const write = useMay('endpoint.write')
  const list = useAnswer(endpointRoutes.list, {}, { enabled: read.allowed })
  const remove = useChange(endpointRoutes.remove, ['endpoints.'])
  const [adding, setAdding] = useState(false)
  if (!read.allowed) return null
  const { items = [], unserved = [] } = list.data ?? {}
  const columns: readonly DataColumn<EndpointView>[] = [
    {
      key: 'name',
      title: t('controllers.name'),
      lead: true,
      render: ({ name }) => <strong className="om-breakable">{name}</strong>,
    },
    {
      key: 'kind',
      title: t('controllers.endpoint.driver'),
      render: ({ kind }) => <span className="om-code">{kind}</span>,
    },
    {
      key: 'idc',
      title: t('controllers.idc'),
      render: ({ idc }) => (idc === null ? t('controllers.endpoint.everyIdc') : idcName(idc)),
    },
    {
      key: 'where',
      title: t('controllers.endpoint.where'),
      render: (one) => <span className="om-code om-breakable">{whereOf(one)}</span>,
    },
    {
      key: 'hosts',
      title: t('controllers.hosts'),
      align: 'end',
      render: ({ hosts }) => number(hosts),
    },
    {
      key: 'added',
      title: t('controllers.endpoint.added'),
      render: ({ createdAt }) => <RelativeTime at={createdAt} />,
    },
    {
      key: 'actions',
      title: t('ui.actions'),
      unseen: true,
      align: 'end',
      render: (one) => (
        <Popconfirm
          title={t('controllers.endpoint.remove', { name: one.name })}
          description={t('controllers.endpoint.removeWhy', {
            count: one.hosts,
            hosts: number(one.hosts),
          })}
          okText={t('ui.delete')}
          cancelText={t('ui.cancel')}
          okButtonProps={{ danger: true }}
          disabled={!write.allowed}
          onConfirm={() => remove.mutate({ params: { id: one.id } })}
        >
          <ActionButton size="small" type="text" danger blocked={write.why}>
            {t('ui.delete')}
          </ActionButton>
        </Popconfirm>
      ),
    },
  ]
  return (
    <>
      <h2 className={headClass}>{title}</h2>
      <ErrorNotice error={list.error ?? remove.error} onRetry={() => void list.refetch()} />
      {unserved.map(({ kind, idc, hosts }) => (
        <Notice
          key={`${kind} ${idc}`}
          tone="warning"
          title={t('controllers.endpoint.unserved', {
            count: hosts,
            hosts: number(hosts),
            kind,
            idc: idcName(idc),
          })}
        />
      ))}
      {items.length === 0 ? (
        <p className="om-soft">{t('controllers.endpoint.none')}</p>
      ) : (
        <DataTable label={title} columns={columns} rows={items} rowKey={({ id }) => id} />
      )}
      <div>
        <ActionButton blocked={write.why} onClick={() => setAdding(true)}>
          {t('controllers.endpoint.add')}
        </ActionButton>
      </div>
      <Suspense>{adding ? <EndpointDrawer onClose={() => setAdding(false)} /> : null}</Suspense>
    </>
  )
}
