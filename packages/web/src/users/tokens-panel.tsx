// API tokens: made here, shown once, revoked here. An administrator sees everybody's.

import { type TokenView, userRoutes } from '@omserver/api'
import { Alert, Button, Input, Modal, Popconfirm, Select, Skeleton } from 'antd'
import { useState } from 'react'
import { useAnswer, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { ApiDocsLink, useMay, useMe } from '../session/index.ts'
import {
  ActionButton,
  CopyButton,
  type DataColumn,
  DataTable,
  EmptyState,
  ErrorNotice,
  Field,
  RelativeTime,
} from '../ui/index.ts'

const lifetimes = [7, 30, 90, 365, 0] as const

const NewToken = ({ onClose }: { readonly onClose: () => void }) => {
  const { t } = useTexts()
  const [name, setName] = useState('')
  const [days, setDays] = useState<number>(90)
  const add = useChange(userRoutes.addToken, ['tokens.'])
  const made = add.data
  const save = () => {
    if (name.trim() === '' || add.isPending) return
    add.mutate({ body: { name: name.trim(), expiresInDays: days === 0 ? null : days } })
  }
  if (made !== undefined) {
    return (
      <Modal
        open
        title={t('users.token.made', { name: made.name })}
        closable={false}
        mask={{ closable: false }}
        onCancel={onClose}
        footer={
          <Button type="primary" onClick={onClose}>
            {t('users.token.kept')}
          </Button>
        }
      >
        <div className="om-stack">
          <Alert type="warning" showIcon title={t('users.token.once')} />
          <code className="om-card om-breakable" data-secret>
            {made.token}
          </code>
          <div>
            <CopyButton shown text={made.token} label={t('users.token.copy')} />
          </div>
        </div>
      </Modal>
    )
  }
  return (
    <Modal
      open
      title={t('users.token.add')}
      okText={t('users.token.add')}
      cancelText={t('ui.cancel')}
      okButtonProps={{ disabled: name.trim() === '', loading: add.isPending }}
      onOk={save}
      onCancel={onClose}
    >
      <form
        className="om-stack"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <Field label={t('users.token.name')} required help={t('users.token.nameHelp')}>
          {(control) => (
            <Input
              {...control}
              autoFocus
              value={name}
              onChange={({ target }) => setName(target.value)}
            />
          )}
        </Field>
        <Field
          label={t('users.token.expires')}
          help={days === 0 ? t('users.token.neverHelp') : undefined}
        >
          {(control) => (
            <Select
              {...control}
              style={{ width: '100%' }}
              value={days}
              options={lifetimes.map((value) => ({
                value,
                label:
                  value === 0 ? t('users.token.never') : t('users.token.days', { count: value }),
              }))}
              onChange={setDays}
            />
          )}
        </Field>
        <ErrorNotice error={add.error} />
        <button type="submit" hidden />
      </form>
    </Modal>
  )
}

export const TokensPanel = () => {
  const { t } = useTexts()
  const me = useMe()
  const own = useMay('token.own')
  const tokens = useAnswer(userRoutes.listTokens, {})
  const remove = useChange(userRoutes.removeToken, ['tokens.'])
  const [adding, setAdding] = useState(false)
  const items = tokens.data?.items ?? []
  const columns: readonly DataColumn<TokenView>[] = [
    {
      key: 'name',
      title: t('users.token.name'),
      lead: true,
      render: ({ name }) => <strong>{name}</strong>,
    },
    ...(me.role === 'admin'
      ? [
          {
            key: 'user',
            title: t('users.token.user'),
            render: ({ userName }: TokenView) => userName,
          },
        ]
      : []),
    {
      key: 'created',
      title: t('users.token.created'),
      render: ({ createdAt }) => <RelativeTime at={createdAt} />,
    },
    {
      key: 'used',
      title: t('users.token.used'),
      render: ({ lastUsedAt }) => <RelativeTime at={lastUsedAt} />,
    },
    {
      key: 'expires',
      title: t('users.token.expires'),
      render: ({ expiresAt }) =>
        expiresAt === null ? (
          <span className="om-warning">{t('users.token.never')}</span>
        ) : (
          <RelativeTime at={expiresAt} />
        ),
    },
    {
      key: 'actions',
      title: t('ui.actions'),
      unseen: true,
      align: 'end',
      render: (token) => (
        <Popconfirm
          title={t('users.token.revoke', { name: token.name })}
          description={t('users.token.revokeWhy')}
          okText={t('users.token.revokeDo')}
          cancelText={t('ui.cancel')}
          okButtonProps={{ danger: true }}
          onConfirm={() => remove.mutate({ params: { id: token.id } })}
        >
          <Button size="small" type="text" danger>
            {t('users.token.revokeDo')}
          </Button>
        </Popconfirm>
      ),
    },
  ]
  return (
    <div className="om-stack">
      <div className="om-row" style={{ justifyContent: 'space-between' }}>
        <p className="om-soft">
          {t('users.token.note')} <ApiDocsLink />
        </p>
        <ActionButton type="primary" blocked={own.why} onClick={() => setAdding(true)}>
          {t('users.token.add')}
        </ActionButton>
      </div>
      <ErrorNotice error={tokens.error ?? remove.error} />
      {tokens.isPending ? (
        <Skeleton active title={false} />
      ) : items.length === 0 ? (
        <EmptyState small title={t('users.token.none')}>
          <code>curl -H 'Authorization: Bearer om_…' {window.location.origin}/api/hosts</code>
        </EmptyState>
      ) : (
        <DataTable
          label={t('users.token.title')}
          columns={columns}
          rows={items}
          rowKey={({ id }) => id}
        />
      )}
      {adding ? <NewToken onClose={() => setAdding(false)} /> : null}
    </div>
  )
}
