// Who may sign in, in which role, in which groups, and what they are granted.

import { type TeamView, type UserView, userRoutes } from '@omserver/api'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Button, Segmented, Skeleton } from 'antd'
import { lazy, Suspense } from 'react'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import {
  ActionButton,
  CountBadge,
  type DataColumn,
  DataTable,
  EmptyState,
  ErrorNotice,
  Notice,
  PageHeader,
  RelativeTime,
} from '../ui/index.ts'
import { GrantLines } from './grant-lines.tsx'

const UserDrawer = lazy(async () => ({ default: (await import('./user-drawer.tsx')).UserDrawer }))
const TeamDrawer = lazy(async () => ({ default: (await import('./team-drawer.tsx')).TeamDrawer }))

interface ListProps<T> {
  readonly items: readonly T[]
  readonly onOpen: (id: string) => void
}

const UserList = ({
  items,
  teams,
  onOpen,
}: ListProps<UserView> & { readonly teams: readonly TeamView[] }) => {
  const { t } = useTexts()
  const write = useMay('user.write')
  const columns: readonly DataColumn<UserView>[] = [
    {
      key: 'name',
      title: t('users.name'),
      lead: true,
      render: (user) => (
        <span>
          <strong>{user.name}</strong>
          {user.displayName === '' ? null : <span className="om-soft"> {user.displayName}</span>}
          {user.mustChangePassword && !user.disabled ? (
            <span className="om-soft"> · {t('users.initialPassword')}</span>
          ) : null}
          {user.disabled ? <span className="om-danger"> · {t('users.disabled')}</span> : null}
        </span>
      ),
    },
    { key: 'role', title: t('users.role'), render: ({ role }) => t(`app.role.${role}`) },
    {
      key: 'teams',
      title: t('users.teams'),
      render: ({ teamIds }) =>
        teamIds.length === 0 ? (
          <span className="om-faint">–</span>
        ) : (
          teamIds.map((id) => teams.find((team) => team.id === id)?.name ?? id).join(', ')
        ),
    },
    {
      key: 'grants',
      title: t('users.grants'),
      render: (user) =>
        user.role === 'admin' ? (
          <span className="om-soft">{t('users.adminNeedsNone')}</span>
        ) : (
          <GrantLines grants={user.grants} />
        ),
    },
    {
      key: 'last',
      title: t('users.lastLogin'),
      render: ({ lastLoginAt }) => <RelativeTime at={lastLoginAt} />,
    },
    {
      key: 'actions',
      title: t('ui.actions'),
      unseen: true,
      align: 'end',
      render: ({ id }) => (
        <ActionButton size="small" type="text" blocked={write.why} onClick={() => onOpen(id)}>
          {t('ui.edit')}
        </ActionButton>
      ),
    },
  ]
  return (
    <DataTable label={t('users.users')} columns={columns} rows={items} rowKey={({ id }) => id} />
  )
}

const TeamList = ({ items, onOpen }: ListProps<TeamView>) => {
  const { t, number } = useTexts()
  const write = useMay('user.write')
  const columns: readonly DataColumn<TeamView>[] = [
    {
      key: 'name',
      title: t('users.teamName'),
      lead: true,
      render: ({ name }) => <strong>{name}</strong>,
    },
    {
      key: 'members',
      title: t('users.members'),
      align: 'end',
      render: ({ memberIds }) => number(memberIds.length),
    },
    {
      key: 'grants',
      title: t('users.grants'),
      render: ({ grants }) => <GrantLines grants={grants} />,
    },
    {
      key: 'actions',
      title: t('ui.actions'),
      unseen: true,
      align: 'end',
      render: ({ id }) => (
        <ActionButton size="small" type="text" blocked={write.why} onClick={() => onOpen(id)}>
          {t('ui.edit')}
        </ActionButton>
      ),
    },
  ]
  if (items.length === 0) {
    return <EmptyState title={t('users.noTeams.title')}>{t('users.noTeams.body')}</EmptyState>
  }
  return (
    <DataTable label={t('users.teams')} columns={columns} rows={items} rowKey={({ id }) => id} />
  )
}

export const UsersPage = () => {
  const { t } = useTexts()
  const { tab = 'users', edit } = useSearch({ from: '/users' })
  const navigate = useNavigate({ from: '/users' })
  const read = useMay('user.read')
  const write = useMay('user.write')
  const users = useAnswer(userRoutes.list, {}, { enabled: read.allowed })
  const teams = useAnswer(userRoutes.listTeams, {}, { enabled: read.allowed })
  const open = (id: string | undefined) =>
    void navigate({ search: (old) => ({ ...old, edit: id }), replace: id === undefined })
  if (!read.allowed) return <EmptyState whole title={read.why ?? ''} />
  const allUsers = users.data?.items ?? []
  const allTeams = teams.data?.items ?? []
  const user = allUsers.find(({ id }) => id === edit)
  const team = allTeams.find(({ id }) => id === edit)
  const ready = users.data !== undefined && teams.data !== undefined
  return (
    <>
      <PageHeader
        title={t('app.place.users')}
        extra={
          ready ? <CountBadge count={tab === 'users' ? allUsers.length : allTeams.length} /> : null
        }
        note={t('users.note')}
        actions={
          <ActionButton type="primary" blocked={write.why} onClick={() => open('new')}>
            {tab === 'users' ? t('users.add') : t('users.addTeam')}
          </ActionButton>
        }
      />
      <div className="om-stack">
        <div>
          <Segmented<'users' | 'teams'>
            aria-label={t('app.place.users')}
            value={tab}
            options={[
              { value: 'users', label: t('users.users') },
              { value: 'teams', label: t('users.teams') },
            ]}
            onChange={(next) => void navigate({ search: { tab: next } })}
          />
        </div>
        <ErrorNotice
          error={users.error ?? teams.error}
          onRetry={() => {
            void users.refetch()
            void teams.refetch()
          }}
        />
        {ready &&
        edit !== undefined &&
        edit !== 'new' &&
        (tab === 'users' ? user : team) === undefined ? (
          <Notice
            tone="warning"
            title={t('users.gone')}
            action={
              <Button size="small" onClick={() => open(undefined)}>
                {t('ui.close')}
              </Button>
            }
          />
        ) : null}
        {!ready ? (
          users.error === null && teams.error === null ? (
            <Skeleton active title={false} />
          ) : null
        ) : tab === 'users' ? (
          <UserList items={allUsers} teams={allTeams} onOpen={open} />
        ) : (
          <TeamList items={allTeams} onOpen={open} />
        )}
      </div>
      <Suspense>
        {ready && tab === 'users' && (edit === 'new' || user !== undefined) ? (
          <UserDrawer key={edit} user={user} teams={allTeams} onClose={() => open(undefined)} />
        ) : null}
        {ready && tab === 'teams' && (edit === 'new' || team !== undefined) ? (
          <TeamDrawer key={edit} team={team} users={allUsers} onClose={() => open(undefined)} />
        ) : null}
      </Suspense>
    </>
  )
}
