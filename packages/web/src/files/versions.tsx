// The versions of one file: which there are, who added them, and what may be done with each.

import { fileRoutes } from '@omserver/api'
import { Button, Popconfirm, Skeleton, Tag } from 'antd'
import { client, useAnswer, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import {
  ActionButton,
  CopyButton,
  type DataColumn,
  DataTable,
  ErrorNotice,
  RelativeTime,
} from '../ui/index.ts'
import { sizeText } from './size-text.ts'

export const Versions = ({ name }: { readonly name: string }) => {
  const { t } = useTexts()
  const list = useAnswer(fileRoutes.versions, { params: { name } })
  const remove = useChange(fileRoutes.remove, ['files.'])
  const write = useMay('file.write')
  const items = list.data?.items ?? []
  const columns: readonly DataColumn<(typeof items)[number]>[] = [
    {
      key: 'version',
      title: t('files.version'),
      lead: true,
      render: ({ version }) => (
        <>
          <strong>{version}</strong>
          {version === items[0]?.version ? (
            <Tag style={{ marginInlineStart: 8 }}>{t('files.newest')}</Tag>
          ) : null}
        </>
      ),
    },
    { key: 'size', title: t('files.size'), align: 'end', render: ({ size }) => sizeText(size) },
    {
      key: 'hash',
      title: 'SHA-256',
      render: ({ hash }) => (
        <span className="om-row" style={{ flexWrap: 'nowrap', gap: 4 }}>
          <span className="om-code om-soft">{hash.slice(0, 16)}…</span>
          <CopyButton text={hash} label={t('files.copyHash')} />
        </span>
      ),
    },
    { key: 'by', title: t('files.by'), render: ({ addedBy }) => addedBy },
    { key: 'at', title: t('files.at'), render: ({ addedAt }) => <RelativeTime at={addedAt} /> },
    {
      key: 'actions',
      title: t('ui.actions'),
      unseen: true,
      align: 'end',
      render: ({ version }) => (
        <span className="om-row" style={{ justifyContent: 'flex-end', flexWrap: 'nowrap', gap: 4 }}>
          <Button
            size="small"
            type="text"
            download
            href={client.url(fileRoutes.content, { params: { name }, query: { version } })}
          >
            {t('files.download')}
          </Button>
          <Popconfirm
            title={t('files.removeVersion', { name, version })}
            description={t('files.removeWhy')}
            okText={t('ui.delete')}
            cancelText={t('ui.cancel')}
            okButtonProps={{ danger: true }}
            disabled={!write.allowed}
            onConfirm={() => remove.mutate({ params: { name }, query: { version } })}
          >
            <ActionButton size="small" type="text" danger blocked={write.why}>
              {t('ui.delete')}
            </ActionButton>
          </Popconfirm>
        </span>
      ),
    },
  ]
  return (
    <div className="om-stack">
      <ErrorNotice error={list.error ?? remove.error} />
      {list.isPending ? (
        <Skeleton active title={false} />
      ) : (
        <DataTable
          label={t('files.versionsOf', { name })}
          columns={columns}
          rows={items}
          rowKey={({ version }) => String(version)}
        />
      )}
    </div>
  )
}
