// Saved groups: selectors with a name. Made from what is filtered now, used with one press.

import { type GroupView, hostRoutes } from '@omserver/api'
import { useNavigate } from '@tanstack/react-router'
import { Button, Drawer, Input, Popconfirm } from 'antd'
import { useState } from 'react'
import { useAnswer, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import {
  ActionButton,
  CountBadge,
  EmptyState,
  ErrorNotice,
  Field,
  SelectorInput,
  toast,
} from '../ui/index.ts'
import style from './groups-drawer.module.css'
import { pathSelector } from './host-filter.ts'
import type { HostList } from './use-host-list.ts'

interface GroupFormProps {
  readonly group: GroupView | undefined
  readonly selector: string
  readonly onDone: () => void
}

const GroupForm = ({ group, selector, onDone }: GroupFormProps) => {
  const { t } = useTexts()
  const [name, setName] = useState(group?.name ?? '')
  const [text, setText] = useState(group?.selector ?? selector)
  const add = useChange(hostRoutes.addGroup, ['groups.', 'hosts.'])
  const change = useChange(hostRoutes.changeGroup, ['groups.', 'hosts.'])
  const ready = name.trim() !== '' && text.trim() !== ''
  const save = () => {
    const body = { name: name.trim(), selector: text.trim() }
    const onSuccess = () => {
      toast.success(t('hosts.groupSaved', { name: body.name }))
      onDone()
    }
    if (group === undefined) add.mutate({ body }, { onSuccess })
    else change.mutate({ params: { id: group.id }, body }, { onSuccess })
  }
  return (
    <form
      className={`om-stack om-card ${style.form}`}
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) save()
      }}
    >
      <Field label={t('hosts.groupName')} required>
        {(control) => (
          <Input
            {...control}
            autoFocus
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
        )}
      </Field>
      <Field label={t('hosts.selector')} required>
        {({ id }) => (
          <SelectorInput id={id} label={t('hosts.selector')} value={text} onChange={setText} />
        )}
      </Field>
      <ErrorNotice error={add.error ?? change.error} />
      <div className="om-row">
        <Button
          type="primary"
          htmlType="submit"
          disabled={!ready}
          loading={add.isPending || change.isPending}
        >
          {t('ui.save')}
        </Button>
        <Button onClick={onDone}>{t('ui.cancel')}</Button>
      </div>
    </form>
  )
}

/** What the page filters by now, as far as a selector can say it. */
const selectorNow = (list: HostList): string =>
  [list.path.length > 0 ? pathSelector(list.order, list.path) : undefined, list.search.sel]
    .filter((part) => part !== undefined && part !== '')
    .at(-1) ?? ''

export const GroupsDrawer = ({
  list,
  onClose,
}: {
  readonly list: HostList
  readonly onClose: () => void
}) => {
  const { t } = useTexts()
  const navigate = useNavigate()
  const groups = useAnswer(hostRoutes.listGroups, {})
  const remove = useChange(hostRoutes.removeGroup, ['groups.', 'hosts.'])
  const write = useMay('group.write')
  const launch = useMay('run.launch')
  const [editing, setEditing] = useState<GroupView | 'new' | undefined>()
  const items = groups.data?.items ?? []
  return (
    <Drawer
      open
      size={520}
      title={t('hosts.groups')}
      onClose={onClose}
      extra={
        <ActionButton
          size="small"
          type="primary"
          blocked={write.why}
          onClick={() => setEditing('new')}
        >
          {t('hosts.groupNew')}
        </ActionButton>
      }
    >
      <div className="om-stack">
        <ErrorNotice error={groups.error ?? remove.error} />
        {editing === 'new' ? (
          <GroupForm
            group={undefined}
            selector={selectorNow(list)}
            onDone={() => setEditing(undefined)}
          />
        ) : null}
        {groups.data !== undefined && items.length === 0 && editing === undefined ? (
          <EmptyState small title={t('hosts.groupNone.title')}>
            {t('hosts.groupNone.body')}
          </EmptyState>
        ) : null}
        {items.map((group) =>
          editing !== 'new' && editing?.id === group.id ? (
            <GroupForm
              key={group.id}
              group={group}
              selector=""
              onDone={() => setEditing(undefined)}
            />
          ) : (
            <div key={group.id} className={style.group}>
              <div className={style.what}>
                <strong>@{group.name}</strong> <CountBadge count={group.hosts} />
                <code className={style.selector}>{group.selector}</code>
              </div>
              <div className="om-row">
                <Button
                  size="small"
                  onClick={() =>
                    list.change({
                      sel: `@${group.name}`,
                      in: undefined,
                      q: undefined,
                      open: undefined,
                    })
                  }
                >
                  {t('hosts.groupShow')}
                </Button>
                <ActionButton
                  size="small"
                  blocked={launch.why}
                  onClick={() =>
                    void navigate({ to: '/launch', search: { selector: `@${group.name}` } })
                  }
                >
                  {t('hosts.runOn', { count: group.hosts })}
                </ActionButton>
                <ActionButton
                  size="small"
                  type="text"
                  blocked={write.why}
                  onClick={() => setEditing(group)}
                >
                  {t('ui.edit')}
                </ActionButton>
                <Popconfirm
                  title={t('hosts.groupRemove', { name: group.name })}
                  description={t('hosts.groupRemoveWhy')}
                  okText={t('ui.delete')}
                  cancelText={t('ui.cancel')}
                  okButtonProps={{ danger: true }}
                  disabled={!write.allowed}
                  onConfirm={() => remove.mutate({ params: { id: group.id } })}
                >
                  <ActionButton size="small" type="text" danger blocked={write.why}>
                    {t('ui.delete')}
                  </ActionButton>
                </Popconfirm>
              </div>
            </div>
          ),
        )}
      </div>
    </Drawer>
  )
}
