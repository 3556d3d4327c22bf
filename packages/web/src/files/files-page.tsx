// The file library: which files there are, how large, from whom and when; upload, versions, download, delete.

import { type FileView, fileRoutes } from '@omserver/api'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Button, Popconfirm, Progress, Skeleton } from 'antd'
import { useAnswer, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import {
  ActionButton,
  CountBadge,
  type DataColumn,
  DataTable,
  EmptyState,
  ErrorNotice,
  PageHeader,
  RelativeTime,
} from '../ui/index.ts'
import { sizeText } from './size-text.ts'
import { UploadButton } from './upload-button.tsx'
import { useUpload } from './use-upload.ts'
import { Versions } from './versions.tsx'

export const FilesPage = () => {
  const { t } = useTexts()
  const { open } = useSearch({ from: '/files' })
  const navigate = useNavigate({ from: '/files' })
  const read = useMay('file.read')
  const write = useMay('file.write')
  const list = useAnswer(fileRoutes.list, {}, { enabled: read.allowed })
  const remove = useChange(fileRoutes.remove, ['files.'])
  const { now, error, upload } = useUpload()
  if (!read.allowed) return <EmptyState whole title={read.why ?? ''} />
  const items = list.data?.items ?? []
  const blocked = write.why ?? (now === undefined ? undefined : t('files.oneAtATime'))
  const show = (name: string | undefined) =>
    void navigate({ search: { open: name }, replace: name === undefined })
  const columns: readonly DataColumn<FileView>[] = [
    {
      key: 'name',
      title: t('files.name'),
      lead: true,
      render: ({ name, kind }) => (
        <span className="om-breakable">
          <strong>{name}</strong>
          {kind === 'folder' ? <span className="om-soft"> · {t('files.folder')}</span> : null}
        </span>
      ),
    },
    { key: 'size', title: t('files.size'), align: 'end', render: ({ size }) => sizeText(size) },
    {
      key: 'versions',
      title: t('files.version'),
      render: ({ name, version, versions }) => (
        <Button
          size="small"
          type="text"
          aria-expanded={open === name}
          onClick={() => show(open === name ? undefined : name)}
        >
          {t('files.versionOf', { version, count: versions })}
        </Button>
      ),
    },
    { key: 'by', title: t('files.by'), render: ({ addedBy }) => addedBy },
    { key: 'at', title: t('files.at'), render: ({ addedAt }) => <RelativeTime at={addedAt} /> },
    {
      key: 'actions',
      title: t('ui.actions'),
      unseen: true,
      align: 'end',
      render: ({ name, kind, versions }) => (
        <span className="om-row" style={{ justifyContent: 'flex-end', flexWrap: 'nowrap', gap: 4 }}>
          <UploadButton
            small
            label={t('files.newVersion')}
            blocked={blocked ?? (kind === 'folder' ? t('files.folderByCommand') : undefined)}
            onFile={(file) => void upload(file, name)}
          />
          <Popconfirm
            title={t('files.remove', { name, count: versions })}
            description={t('files.removeWhy')}
            okText={t('ui.delete')}
            cancelText={t('ui.cancel')}
            okButtonProps={{ danger: true }}
            disabled={!write.allowed}
            onConfirm={() => remove.mutate({ params: { name }, query: {} })}
          >
            <ActionButton size="small" type="text" danger blocked={write.why}>
              {t('ui.delete')}
            </ActionButton>
          </Popconfirm>
        </span>
      ),
    },
  ]
  const uploadButton = (
    <UploadButton
      label={t('files.upload')}
      blocked={blocked}
      onFile={(file) => void upload(file)}
    />
  )
  return (
    <>
      <PageHeader
        title={t('app.place.files')}
        extra={list.data === undefined ? null : <CountBadge count={items.length} />}
        note={t('files.note')}
        actions={uploadButton}
      />
      <div className="om-stack">
        <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
        <ErrorNotice error={error} />
        <ErrorNotice error={remove.error} />
        {now === undefined ? null : (
          <div className="om-card om-row" role="status">
            <span className="om-breakable">
              {t('files.uploading', { name: now.name })}{' '}
              <span className="om-soft">
                {sizeText(now.sent)} / {sizeText(now.total)}
              </span>
            </span>
            <Progress
              style={{ flex: 1, minWidth: 120 }}
              percent={now.total === 0 ? 100 : Math.floor((now.sent / now.total) * 100)}
              aria-label={now.name}
            />
            <Button size="small" onClick={now.stop}>
              {t('ui.cancel')}
            </Button>
          </div>
        )}
        {list.isPending ? (
          <Skeleton active title={false} />
        ) : list.data !== undefined && items.length === 0 ? (
          <EmptyState title={t('files.none.title')} actions={uploadButton}>
            {t('files.none.body')}
          </EmptyState>
        ) : (
          <DataTable
            label={t('app.place.files')}
            columns={columns}
            rows={items}
            rowKey={({ name }) => name}
            openKey={open}
            detail={({ name }) => <Versions name={name} />}
          />
        )}
      </div>
    </>
  )
}
