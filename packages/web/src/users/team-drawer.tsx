// Adds a user group, or changes its members and grants.

import { type TeamView, type UserView, userRoutes } from '@omserver/api'
import { Button, Drawer, Input, Popconfirm, Select } from 'antd'
import { useState } from 'react'
import { errorMessage, isCode, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { ActionButton, ErrorNotice, Field, toast, useUnsaved } from '../ui/index.ts'
import { type GrantDraft, GrantsEditor } from './grants-editor.tsx'

interface TeamDrawerProps {
  readonly team: TeamView | undefined
  readonly users: readonly UserView[]
  readonly onClose: () => void
}

export const TeamDrawer = ({ team, users, onClose }: TeamDrawerProps) => {
  const { t, lang } = useTexts()
  const [name, setName] = useState(team?.name ?? '')
  const [memberIds, setMemberIds] = useState<readonly string[]>(team?.memberIds ?? [])
  const [grants, setGrants] = useState<readonly GrantDraft[]>(team?.grants ?? [])
  const now = JSON.stringify([name, memberIds, grants])
  const [initial] = useState(now)
  const unsaved = useUnsaved(now !== initial, ['edit', 'tab'])
  const leave = () => unsaved.leave(onClose)
  const add = useChange(userRoutes.addTeam, ['users.', 'teams.'])
  const change = useChange(userRoutes.changeTeam, ['users.', 'teams.'])
  const remove = useChange(userRoutes.removeTeam, ['users.', 'teams.'])
  const error = add.error ?? change.error ?? remove.error
  const taken = isCode(error, 'TEAM_EXISTS') ? errorMessage(error, lang).text : undefined
  const whole = grants.every(
    ({ modules, selector }) => modules.length > 0 && selector.trim() !== '',
  )
  const ready = name.trim() !== '' && whole
  const save = () => {
    if (!ready) return
    const body = {
      name: name.trim(),
      memberIds: [...memberIds],
      grants: grants.map(({ modules, selector }) => ({
        modules: [...modules],
        selector: selector.trim(),
      })),
    }
    const onSuccess = () => {
      toast.success(t('users.saved', { name: body.name }))
      unsaved.saved(onClose)
    }
    if (team === undefined) add.mutate({ body }, { onSuccess })
    else change.mutate({ params: { id: team.id }, body }, { onSuccess })
  }
  return (
    <Drawer
      open
      size={560}
      title={team === undefined ? t('users.addTeam') : t('users.change', { name: team.name })}
      onClose={leave}
      footer={
        <div className="om-row" style={{ justifyContent: 'space-between' }}>
          <span className="om-row">
            <ActionButton
              type="primary"
              inSight
              loading={add.isPending || change.isPending}
              blocked={
                ready ? undefined : whole ? t('ui.fillRequired') : t('users.grantIncomplete')
              }
              onClick={save}
            >
              {t('ui.save')}
            </ActionButton>
            <Button onClick={leave}>{t('ui.cancel')}</Button>
          </span>
          {team === undefined ? null : (
            <Popconfirm
              title={t('users.removeTeam', { name: team.name })}
              description={t('users.removeTeamWhy')}
              okText={t('ui.delete')}
              cancelText={t('ui.cancel')}
              okButtonProps={{ danger: true }}
              onConfirm={() =>
                remove.mutate(
                  { params: { id: team.id } },
                  { onSuccess: () => unsaved.saved(onClose) },
                )
              }
            >
              <Button danger type="text">
                {t('ui.delete')}
              </Button>
            </Popconfirm>
          )}
        </div>
      }
    >
      <form
        className="om-stack"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <Field label={t('users.teamName')} required error={taken}>
          {(control) => (
            <Input
              {...control}
              autoFocus={team === undefined}
              value={name}
              onChange={({ target }) => setName(target.value)}
            />
          )}
        </Field>
        <Field label={t('users.members')}>
          {(control) => (
            <Select
              {...control}
              mode="multiple"
              style={{ width: '100%' }}
              value={[...memberIds]}
              options={users.map((user) => ({
                value: user.id,
                label: user.displayName === '' ? user.name : `${user.name} (${user.displayName})`,
              }))}
              showSearch={{ optionFilterProp: 'label' }}
              onChange={(next: string[]) => setMemberIds(next)}
            />
          )}
        </Field>
        <Field label={t('users.grants')} help={t('users.grantsHelp')}>
          {() => <GrantsEditor value={grants} onChange={setGrants} />}
        </Field>
        {taken === undefined ? <ErrorNotice error={error} /> : null}
        <button type="submit" hidden />
      </form>
      {unsaved.question}
    </Drawer>
  )
}
