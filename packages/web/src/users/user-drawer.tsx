// Adds a user, or changes role, groups, grants and password of one; disables or deletes them.

import { type TeamView, type UserView, userRoutes } from '@omserver/api'
import { type Role, roles } from '@omserver/core'
import { Button, Drawer, Input, Segmented, Select, Switch } from 'antd'
import { useState } from 'react'
import { errorMessage, isCode, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMe } from '../session/index.ts'
import {
  ActionButton,
  ConfirmByTyping,
  CopyButton,
  ErrorNotice,
  Field,
  toast,
  useUnsaved,
} from '../ui/index.ts'
import { type GrantDraft, GrantsEditor } from './grants-editor.tsx'
import { newPassword } from './new-password.ts'

interface UserDrawerProps {
  readonly user: UserView | undefined
  readonly teams: readonly TeamView[]
  readonly onClose: () => void
}

const randomBelow = (limit: number): number => {
  const [value = 0] = crypto.getRandomValues(new Uint32Array(1))
  return value % limit
}

export const UserDrawer = ({ user, teams, onClose }: UserDrawerProps) => {
  const { t, lang } = useTexts()
  const me = useMe()
  const [name, setName] = useState(user?.name ?? '')
  const [displayName, setDisplayName] = useState(user?.displayName ?? '')
  const [role, setRole] = useState<Role>(user?.role ?? 'operator')
  const [password, setPassword] = useState('')
  const [disabled, setDisabled] = useState(user?.disabled ?? false)
  const [teamIds, setTeamIds] = useState<readonly string[]>(user?.teamIds ?? [])
  const [grants, setGrants] = useState<readonly GrantDraft[]>(user?.grants ?? [])
  const [removing, setRemoving] = useState(false)
  const now = JSON.stringify([name, displayName, role, password, disabled, teamIds, grants])
  const [initial] = useState(now)
  const unsaved = useUnsaved(now !== initial, ['edit', 'tab'])
  const leave = () => unsaved.leave(onClose)
  const add = useChange(userRoutes.add, ['users.', 'teams.'])
  const change = useChange(userRoutes.change, ['users.', 'teams.', 'auth.'])
  const remove = useChange(userRoutes.remove, ['users.', 'teams.', 'tokens.'])
  const error = add.error ?? change.error
  const says = (code: string) => (isCode(error, code) ? errorMessage(error, lang).text : undefined)
  const whole = grants.every(
    ({ modules, selector }) => modules.length > 0 && selector.trim() !== '',
  )
  const ready = name.trim() !== '' && (user !== undefined || password !== '') && whole
  const busy = add.isPending || change.isPending
  const self = user?.id === me.id

  const save = () => {
    if (!ready || busy) return
    const body = {
      displayName: displayName.trim(),
      role,
      teamIds: [...teamIds],
      grants: grants.map(({ modules, selector }) => ({
        modules: [...modules],
        selector: selector.trim(),
      })),
    }
    const onSuccess = () => {
      toast.success(t('users.saved', { name: name.trim() }))
      unsaved.saved(onClose)
    }
    if (user === undefined)
      add.mutate({ body: { ...body, name: name.trim(), password } }, { onSuccess })
    else {
      change.mutate(
        {
          params: { id: user.id },
          body: { ...body, disabled, ...(password === '' ? {} : { password }) },
        },
        { onSuccess },
      )
    }
  }
  return (
    <Drawer
      open
      size={560}
      title={user === undefined ? t('users.add') : t('users.change', { name: user.name })}
      onClose={leave}
      footer={
        <div className="om-row" style={{ justifyContent: 'space-between' }}>
          <span className="om-row">
            <ActionButton
              type="primary"
              inSight
              loading={busy}
              blocked={
                ready ? undefined : whole ? t('ui.fillRequired') : t('users.grantIncomplete')
              }
              onClick={save}
            >
              {t('ui.save')}
            </ActionButton>
            <Button onClick={leave}>{t('ui.cancel')}</Button>
          </span>
          {user === undefined || self ? null : (
            <Button danger type="text" onClick={() => setRemoving(true)}>
              {t('users.remove')}
            </Button>
          )}
        </div>
      }
    >
      <form
        className="om-stack"
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <Field
          label={t('users.name')}
          required
          error={says('USER_EXISTS')}
          help={t('users.nameHelp')}
        >
          {(control) => (
            <Input
              {...control}
              autoFocus={user === undefined}
              disabled={user !== undefined}
              autoComplete="off"
              value={name}
              onChange={({ target }) => setName(target.value)}
            />
          )}
        </Field>
        <Field label={t('users.displayName')}>
          {(control) => (
            <Input
              {...control}
              value={displayName}
              onChange={({ target }) => setDisplayName(target.value)}
            />
          )}
        </Field>
        <Field
          label={user === undefined ? t('users.password') : t('users.newPassword')}
          required={user === undefined}
          error={says('PASSWORD_WEAK')}
          help={user === undefined ? t('users.passwordHelp') : t('users.newPasswordHelp')}
        >
          {(control) => (
            <div className="om-row" style={{ flexWrap: 'nowrap' }}>
              <Input.Password
                {...control}
                autoComplete="new-password"
                value={password}
                onChange={({ target }) => setPassword(target.value)}
              />
              <Button onClick={() => setPassword(newPassword(randomBelow))}>
                {t('users.makePassword')}
              </Button>
              {password === '' ? null : (
                <CopyButton text={password} label={t('users.copyPassword')} />
              )}
            </div>
          )}
        </Field>
        <Field
          label={t('users.role')}
          help={t(`users.roleHelp.${role}`)}
          error={says('LAST_ADMIN')}
        >
          {(control) => (
            <div>
              <Segmented
                {...control}
                aria-label={t('users.role')}
                value={role}
                disabled={self}
                options={roles.map((value) => ({ value, label: t(`app.role.${value}`) }))}
                onChange={(next) => setRole(next)}
              />
            </div>
          )}
        </Field>
        <Field label={t('users.teams')} help={t('users.teamsHelp')}>
          {(control) => (
            <Select
              {...control}
              mode="multiple"
              style={{ width: '100%' }}
              value={[...teamIds]}
              options={teams.map(({ id, name: team }) => ({ value: id, label: team }))}
              onChange={(next: string[]) => setTeamIds(next)}
            />
          )}
        </Field>
        {role === 'operator' ? (
          <Field label={t('users.grants')} help={t('users.grantsHelp')}>
            {() => <GrantsEditor value={grants} onChange={setGrants} />}
          </Field>
        ) : null}
        {user === undefined || self ? null : (
          <Field label={t('users.mayLogin')} help={t('users.disableHelp')}>
            {(control) => (
              <div>
                <Switch {...control} checked={!disabled} onChange={(on) => setDisabled(!on)} />
              </div>
            )}
          </Field>
        )}
        {isCode(error, 'USER_EXISTS', 'PASSWORD_WEAK', 'LAST_ADMIN') ? null : (
          <ErrorNotice error={error} />
        )}
        <button type="submit" hidden />
      </form>
      {unsaved.question}
      {removing && user !== undefined ? (
        <ConfirmByTyping
          title={t('users.removeTitle', { name: user.name })}
          expected={user.name}
          action={t('users.remove')}
          busy={remove.isPending}
          error={remove.error}
          onClose={() => setRemoving(false)}
          onConfirm={() =>
            remove.mutate({ params: { id: user.id } }, { onSuccess: () => unsaved.saved(onClose) })
          }
        >
          {t('users.removeWhy')}
        </ConfirmByTyping>
      ) : null}
    </Drawer>
  )
}
