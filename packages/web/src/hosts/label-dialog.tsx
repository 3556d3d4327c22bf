// Sets and removes labels, or the credential, of many hosts at once; shows what they have now.

import { credentialRoutes, hostRoutes } from '@omserver/api'
import { AutoComplete, Button, Modal, Select } from 'antd'
import { useMemo, useState } from 'react'
import { useAnswer, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import { ErrorNotice, Field, toast } from '../ui/index.ts'
import type { BriefHost } from './fleet.ts'
import style from './label-dialog.module.css'

interface LabelDialogProps {
  readonly hosts: readonly BriefHost[]
  readonly selector: string
  readonly onClose: () => void
}

interface Change {
  readonly key: number
  readonly name: string
  /** null: remove the label. */
  readonly value: string | null
}

/** The values a label has among these hosts, most frequent first. */
const valuesNow = (
  hosts: readonly BriefHost[],
  name: string,
): readonly (readonly [string, number])[] => {
  const counts = new Map<string, number>()
  for (const { labels } of hosts) {
    const value = labels[name]
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1])
}

export const LabelDialog = ({ hosts, selector, onClose }: LabelDialogProps) => {
  const { t } = useTexts()
  const known = useAnswer(hostRoutes.labels, {}).data?.items
  const readsCredentials = useMay('credential.read').allowed
  const credentials = useAnswer(credentialRoutes.list, {}, { enabled: readsCredentials }).data
    ?.items
  const set = useChange(hostRoutes.setLabels, ['hosts.', 'groups.'])
  const [changes, setChanges] = useState<readonly Change[]>([{ key: 0, name: '', value: '' }])
  const [credential, setCredential] = useState<string | undefined>()
  const names = useMemo(() => (known ?? []).map(({ name }) => ({ value: name })), [known])
  const count = hosts.length
  const whole = changes.filter(({ name, value }) => name.trim() !== '' && value !== '')
  const edit = (key: number, part: Partial<Change>) =>
    setChanges((old) => old.map((each) => (each.key === key ? { ...each, ...part } : each)))
  const save = () =>
    set.mutate(
      {
        body: {
          selector,
          set: Object.fromEntries(whole.map(({ name, value }) => [name.trim(), value])),
          ...(credential === undefined
            ? {}
            : { credential: credential === '' ? null : credential }),
        },
      },
      {
        onSuccess: ({ changed }) => {
          toast.success(t('hosts.labelsDone', { count: changed }))
          onClose()
        },
      },
    )
  return (
    <Modal
      open
      width={560}
      title={t('hosts.setLabels', { count })}
      okText={t('hosts.setLabels', { count })}
      cancelText={t('ui.cancel')}
      okButtonProps={{
        disabled: whole.length === 0 && credential === undefined,
        loading: set.isPending,
      }}
      onOk={save}
      onCancel={onClose}
    >
      <div className="om-stack">
        {changes.map(({ key, name, value }) => {
          const now = valuesNow(hosts, name.trim())
          const values = (known ?? []).find((each) => each.name === name.trim())?.values ?? []
          const without = count - now.reduce((sum, [, hostsWith]) => sum + hostsWith, 0)
          return (
            <div key={key} className={style.change}>
              <AutoComplete
                aria-label={t('hosts.labelName')}
                placeholder={t('hosts.labelName')}
                value={name}
                options={names}
                showSearch={{
                  filterOption: (text, option) => String(option?.value).includes(text),
                }}
                onChange={(next: string) => edit(key, { name: next })}
              />
              <Select
                aria-label={t('hosts.labelDo')}
                value={value === null ? 'remove' : 'set'}
                options={[
                  { value: 'set', label: t('hosts.labelSet') },
                  { value: 'remove', label: t('hosts.labelRemove') },
                ]}
                onChange={(next) => edit(key, { value: next === 'remove' ? null : '' })}
              />
              {value === null ? (
                <span />
              ) : (
                <AutoComplete
                  aria-label={t('hosts.labelValue')}
                  placeholder={t('hosts.labelValue')}
                  value={value}
                  options={values.map((each) => ({ value: each.value }))}
                  onChange={(next: string) => edit(key, { value: next })}
                />
              )}
              <Button
                type="text"
                aria-label={t('ui.delete')}
                onClick={() => setChanges((old) => old.filter((each) => each.key !== key))}
              >
                ×
              </Button>
              {name.trim() === '' ? null : (
                <div className={style.now}>
                  {t('hosts.labelNow')}{' '}
                  {now
                    .slice(0, 6)
                    .map(([text, hostsWith]) => `${text} (${hostsWith})`)
                    .concat(
                      without > 0
                        ? [`${t('hosts.without', { label: name.trim() })} (${without})`]
                        : [],
                    )
                    .join(' · ')}
                </div>
              )}
            </div>
          )
        })}
        <div>
          <Button
            size="small"
            onClick={() =>
              setChanges((old) => [
                ...old,
                { key: Math.max(-1, ...old.map(({ key }) => key)) + 1, name: '', value: '' },
              ])
            }
          >
            {t('hosts.labelMore')}
          </Button>
        </div>
        {readsCredentials ? (
          <Field label={t('hosts.credential')} help={t('hosts.credentialBulk')}>
            {(control) => (
              <Select
                {...control}
                allowClear
                placeholder={t('hosts.credentialKeep')}
                value={credential ?? null}
                style={{ width: '100%' }}
                options={[
                  { value: '', label: t('hosts.credentialNone') },
                  ...(credentials ?? []).map(({ name }) => ({ value: name, label: name })),
                ]}
                onChange={(next) => setCredential(next ?? undefined)}
              />
            )}
          </Field>
        ) : null}
        <ErrorNotice error={set.error} />
      </div>
    </Modal>
  )
}
