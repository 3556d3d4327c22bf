// The projects: where each comes from, which commit it was when it was read, what can be played, and what is wrong.

import { type ProjectView, projectRoutes } from '@omserver/api'
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
  toast,
} from '../ui/index.ts'
import { Playbooks } from './playbooks.tsx'

const ProjectDrawer = lazy(async () => ({
  default: (await import('./project-drawer.tsx')).ProjectDrawer,
}))

export const ProjectsPage = () => {
  const { t } = useTexts()
  const { edit } = useSearch({ from: '/projects' })
  const navigate = useNavigate({ from: '/projects' })
  const read = useMay('project.read')
  const write = useMay('project.write')
  const list = useAnswer(projectRoutes.list, {}, { enabled: read.allowed })
  const remove = useChange(projectRoutes.remove, ['projects.'])
  const refresh = useChange(projectRoutes.refresh, ['projects.'])
  if (!read.allowed) return <EmptyState whole title={read.why ?? ''} />
  const items = list.data?.items ?? []
  const open = (id: string | undefined) =>
    void navigate({ search: { edit: id }, replace: id === undefined })
  const readAgain = ({ id, name }: ProjectView) =>
    refresh.mutate(
      { params: { id } },
      {
        onSuccess: () => toast.success(t('projects.refreshed', { name })),
        // What is wrong with it now stands in its row.
        onError: () => void list.refetch(),
      },
    )
  const columns: readonly DataColumn<ProjectView>[] = [
    {
      key: 'name',
      title: t('projects.name'),
      lead: true,
      render: ({ name }) => <strong className="om-breakable">{name}</strong>,
    },
    { key: 'from', title: t('projects.from'), render: (project) => <From project={project} /> },
    {
      key: 'commit',
      title: t('projects.commit'),
      render: ({ commit }) =>
        commit === null ? (
          <span className="om-faint">–</span>
        ) : (
          <span className="om-row" style={{ flexWrap: 'nowrap', gap: 4 }}>
            <span className="om-code" title={commit}>
              {commit.slice(0, 10)}
            </span>
            <CopyButton text={commit} label={t('projects.copyCommit')} />
          </span>
        ),
    },
    {
      key: 'playbooks',
      title: t('projects.playbooks'),
      render: ({ playbooks }) => <Playbooks names={playbooks} />,
    },
    {
      key: 'read',
      title: t('projects.read'),
      render: ({ refreshedAt }) => <RelativeTime at={refreshedAt} />,
    },
    {
      key: 'actions',
      title: t('ui.actions'),
      unseen: true,
      align: 'end',
      render: (project) => (
        <span className="om-row" style={{ justifyContent: 'flex-end', gap: 4 }}>
          <ActionButton
            size="small"
            type="text"
            blocked={write.why}
            loading={refresh.isPending && refresh.variables?.params.id === project.id}
            onClick={() => readAgain(project)}
          >
            {t('projects.refresh')}
          </ActionButton>
          <ActionButton
            size="small"
            type="text"
            blocked={write.why}
            onClick={() => open(project.id)}
          >
            {t('ui.edit')}
          </ActionButton>
          <Popconfirm
            title={t('projects.remove', { name: project.name })}
            description={t('projects.removeWhy')}
            okText={t('projects.removeIt')}
            cancelText={t('ui.cancel')}
            okButtonProps={{ danger: true }}
            disabled={!write.allowed}
            onConfirm={() => remove.mutate({ params: { id: project.id } })}
          >
            <ActionButton size="small" type="text" danger blocked={write.why}>
              {t('projects.removeIt')}
            </ActionButton>
          </Popconfirm>
        </span>
      ),
    },
  ]
  const addButton = (
    <ActionButton type="primary" blocked={write.why} onClick={() => open('new')}>
      {t('projects.add')}
    </ActionButton>
  )
  const editing = items.find(({ id }) => id === edit)
  return (
    <>
      <PageHeader
        title={t('app.place.projects')}
        extra={list.data === undefined ? null : <CountBadge count={items.length} />}
        note={t('projects.note')}
        actions={
          <span className="om-row">
            <Link to="/launch" search={{ module: 'ansible.playbook' }}>
              <Button>{t('projects.play')}</Button>
            </Link>
            {addButton}
          </span>
        }
      />
      <div className="om-stack">
        <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
        <ErrorNotice error={remove.error} />
        <ErrorNotice error={refresh.error} />
        {list.data !== undefined &&
        edit !== undefined &&
        edit !== 'new' &&
        editing === undefined ? (
          <Notice
            tone="warning"
            title={t('projects.gone')}
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
          <EmptyState title={t('projects.none.title')} actions={addButton}>
            {t('projects.none.body')}
          </EmptyState>
        ) : (
          <DataTable
            label={t('app.place.projects')}
            columns={columns}
            rows={items}
            rowKey={({ id }) => id}
          />
        )}
      </div>
      <Suspense>
        {edit === 'new' || editing !== undefined ? (
          <ProjectDrawer key={edit} project={editing} onClose={() => open(undefined)} />
        ) : null}
      </Suspense>
    </>
  )
}

const KIB = 1024
const sizeText = (bytes: number): string =>
  bytes < KIB * KIB
    ? `${Math.max(1, Math.round(bytes / KIB))} KiB`
    : `${(bytes / KIB / KIB).toFixed(1)} MiB`

const From = ({ project }: { readonly project: ProjectView }) => {
  const { t, say } = useTexts()
  const { path, url, ref, credential, files, bytes, requirements, trouble } = project
  const facts = [
    ...(url === null ? [] : [ref ?? t('projects.defaultBranch')]),
    ...(credential === null ? [] : [t('projects.credentialIs', { name: credential })]),
    t('projects.files', { count: files, size: sizeText(bytes) }),
    ...(requirements ? [t('projects.requirements')] : []),
  ]
  return (
    <div>
      <div className="om-code om-breakable">{path ?? url}</div>
      <div className="om-soft">{facts.join(' · ')}</div>
      {trouble === null ? null : (
        <Notice tone="warning" title={t('projects.trouble')}>
          <div className="om-breakable">{say(trouble.text)}</div>
          <RelativeTime at={trouble.at} />
        </Notice>
      )}
    </div>
  )
}
