// The credentials: whose, of which kind, how many hosts use them. Secrets are never shown.

import { type CredentialView, credentialRoutes } from '@omserver/api'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Button, Popconfirm, Skeleton } from 'antd'
import { lazy, Suspense } from 'react'
import { useAnswer, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import {
  ActionButton,
  CopyButton,
  CountBadge,
  type DataColumn,
  DataTable,
  EmptyState,
  ErrorNotice,
  Notice,
  PageHeader,
  RelativeTime,
} from '../ui/index.ts'

const CredentialDrawer = lazy(async () => ({
  default: (await import('./credential-drawer.tsx')).CredentialDrawer,
}))

export const CredentialsPage = () => {
  const { t, number } = useTexts()
  const { edit } = useSearch({ from: '/credentials' })
  const navigate = useNavigate({ from: '/credentials' })
  const read = useMay('credential.read')
  const list = useAnswer(credentialRoutes.list, {}, { enabled: read.allowed })
  const remove = useChange(credentialRoutes.remove, ['credentials.'])
  const write = useMay('credential.write')
  if (!read.allowed) return <EmptyState whole title={read.why ?? ''} />
  const items = list.data?.items ?? []
  const open = (id: string | undefined) =>
    void navigate({ search: { edit: id }, replace: id === undefined })
  const columns: readonly DataColumn<CredentialView>[] = [
    {
      key: 'name',
      title: t('credentials.name'),
      lead: true,
      render: ({ name }) => <strong>{name}</strong>,
    },
    {
      key: 'user',
      title: t('credentials.user'),
      render: ({ user }) => <span className="om-code">{user}</span>,
    },
    {
      key: 'type',
      title: t('credentials.type'),
      render: ({ type }) => t(`credentials.types.${type}`),
    },
    {
      key: 'public',
      title: t('credentials.public'),
      render: ({ fingerprint, publicKey }) =>
        publicKey === null ? (
          <span className="om-faint">–</span>
        ) : (
          <span className="om-row" style={{ flexWrap: 'nowrap', gap: 4 }}>
            <span className="om-code om-breakable om-soft">{fingerprint}</span>
            <CopyButton text={publicKey} label={t('credentials.copyKey')} />
          </span>
        ),
    },
    {
      key: 'hosts',
      title: t('credentials.hosts'),
      align: 'end',
      render: ({ hosts }) => number(hosts),
    },
    {
      key: 'updated',
      title: t('credentials.updated'),
      render: ({ updatedAt }) => <RelativeTime at={updatedAt} />,
    },
    {
      key: 'actions',
      title: t('ui.actions'),
      unseen: true,
      align: 'end',
      render: (credential) => (
        <span className="om-row" style={{ justifyContent: 'flex-end', flexWrap: 'nowrap', gap: 4 }}>
          <ActionButton
            size="small"
            type="text"
            blocked={write.why}
            onClick={() => open(credential.id)}
          >
            {t('ui.edit')}
          </ActionButton>
          <Popconfirm
            title={t('credentials.remove', { name: credential.name })}
            description={t('credentials.removeWhy')}
            okText={t('ui.delete')}
            cancelText={t('ui.cancel')}
            okButtonProps={{ danger: true }}
            disabled={!write.allowed || credential.hosts > 0}
            onConfirm={() => remove.mutate({ params: { id: credential.id } })}
          >
            <ActionButton
              size="small"
              type="text"
              danger
              blocked={
                write.why ??
                (credential.hosts > 0
                  ? t('credentials.inUse', { count: credential.hosts })
                  : undefined)
              }
            >
              {t('ui.delete')}
            </ActionButton>
          </Popconfirm>
        </span>
      ),
    },
  ]
  const addButton = (
    <ActionButton type="primary" blocked={write.why} onClick={() => open('new')}>
      {t('credentials.add')}
    </ActionButton>
  )
  const editing = items.find(({ id }) => id === edit)
  return (
    <>
      <PageHeader
        title={t('app.place.credentials')}
        extra={list.data === undefined ? null : <CountBadge count={items.length} />}
        note={t('credentials.note')}
        actions={addButton}
      />
      <div className="om-stack">
        <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
        <ErrorNotice error={remove.error} />
        {list.data !== undefined &&
        edit !== undefined &&
        edit !== 'new' &&
        editing === undefined ? (
          <Notice
            tone="warning"
            title={t('credentials.gone')}
            action={
              <Button size="small" onClick={() => open(undefined)}>
                {t('ui.close')}
              </Button>
            }
          />
        ) : null}
        {list.isPending ? (
          <Skeleton active title={false} />
        ) : list.data !== undefined && items.length === 0 ? (
          <EmptyState title={t('credentials.none.title')} actions={addButton}>
            {t('credentials.none.body')} <Link to="/trust">{t('app.place.trust')}</Link>
          </EmptyState>
        ) : (
          <DataTable
            label={t('app.place.credentials')}
            columns={columns}
            rows={items}
            rowKey={({ id }) => id}
          />
        )}
      </div>
      <Suspense>
        {edit === 'new' || editing !== undefined ? (
          <CredentialDrawer key={edit} credential={editing} onClose={() => open(undefined)} />
        ) : null}
      </Suspense>
    </>
  )
}
