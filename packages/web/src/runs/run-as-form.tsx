// The account on the hosts, and the credential to get there: an existing one, or one made on the spot.

import { credentialRoutes } from '@omserver/api'
import { Button, Input, Radio, Segmented, Select } from 'antd'
import { useState } from 'react'
import { useAnswer, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import { ActionButton, ErrorNotice, Field, PasswordInput, TextInput } from '../ui/index.ts'
import form from './launch.module.css'
import type { RunAsDraft } from './launch-draft.ts'
import style from './runs.module.css'

export const RunAsForm = ({
  value,
  onChange,
}: {
  readonly value: RunAsDraft
  readonly onChange: (value: RunAsDraft) => void
}) => {
  const { t } = useTexts()
  const credentials = useAnswer(credentialRoutes.list, {}, { staleTime: 30_000 })
  const mayWrite = useMay('credential.write')
  const [making, setMaking] = useState(false)
  const set = (part: Partial<RunAsDraft>) => onChange({ ...value, ...part })
  return (
    <div className={form.strategy}>
      <Field label={t('runs.runAs')} help={t('runs.runAsHelp')}>
        {(control) => (
          <TextInput
            {...control}
            value={value.user ?? ''}
            placeholder="root"
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            onText={(user) => set({ user: user === '' ? undefined : user })}
          />
        )}
      </Field>
      {value.user !== undefined && (
        <>
          <Field label={t('runs.runAsMethod')}>
            {(control) => (
              <Radio.Group
                {...control}
                aria-label={t('runs.runAsMethod')}
                value={value.method ?? 'sudo'}
                options={[
                  { value: 'sudo', label: 'sudo' },
                  { value: 'su', label: 'su' },
                ]}
                onChange={(event) => set({ method: event.target.value === 'su' ? 'su' : 'sudo' })}
              />
            )}
          </Field>
          <Field label={t('runs.runAsPassword')} help={t('runs.runAsPasswordHelp')}>
            {(control) => (
              <PasswordInput
                {...control}
                autoComplete="new-password"
                value={value.password ?? ''}
                onText={(password) => set({ password: password === '' ? undefined : password })}
              />
            )}
          </Field>
        </>
      )}
      <Field label={t('runs.credential')} help={t('runs.credentialHelp')}>
        {(control) => (
          <Select
            {...control}
            className={style.full}
            allowClear
            value={value.credential ?? null}
            placeholder={t('runs.hostsOwn')}
            onChange={(next: string | null) => set({ credential: next ?? undefined })}
            options={(credentials.data?.items ?? []).map((item) => ({
              value: item.name,
              label: `${item.name} (${item.user})`,
            }))}
          />
        )}
      </Field>
      {mayWrite.allowed && !making && (
        <div className={form.wholeRow}>
          <Button onClick={() => setMaking(true)}>{t('runs.makeCredential')}</Button>
        </div>
      )}
      {making && (
        <MakeCredential
          onMade={(name) => {
            setMaking(false)
            set({ credential: name })
          }}
          onCancel={() => setMaking(false)}
        />
      )}
    </div>
  )
}

const types = ['ssh-key', 'password'] as const

const MakeCredential = ({
  onMade,
  onCancel,
}: {
  readonly onMade: (name: string) => void
  readonly onCancel: () => void
}) => {
  const { t } = useTexts()
  const add = useChange(credentialRoutes.add, ['credentials.'])
  const [type, setType] = useState<(typeof types)[number]>('password')
  const [name, setName] = useState('')
  const [user, setUser] = useState('root')
  const [secret, setSecret] = useState('')
  const [passphrase, setPassphrase] = useState('')
  const ready = name.trim() !== '' && user.trim() !== '' && secret.trim() !== ''
  const body = { name: name.trim(), user: user.trim() }
  return (
    <section className={form.inset} aria-label={t('runs.makeCredential')}>
      <h3 className={form.wholeRow}>{t('runs.makeCredential')}</h3>
      <div className={form.wholeRow}>
        <Segmented
          aria-label={t('runs.credentialType')}
          value={type}
          options={types.map((each) => ({ value: each, label: t(`credentials.types.${each}`) }))}
          onChange={(next) => {
            setType(next)
            setSecret('')
          }}
        />
      </div>
      <Field label={t('runs.credentialName')} required>
        {(control) => <TextInput {...control} autoComplete="off" value={name} onText={setName} />}
      </Field>
      <Field label={t('runs.credentialUser')} required>
        {(control) => <TextInput {...control} autoComplete="off" value={user} onText={setUser} />}
      </Field>
      {type === 'password' ? (
        <Field label={t('runs.credentialPassword')} required>
          {(control) => (
            <PasswordInput
              {...control}
              autoComplete="new-password"
              value={secret}
              onText={setSecret}
            />
          )}
        </Field>
      ) : (
        <>
          <div className={form.wholeRow}>
            <Field label={t('runs.credentialKey')} required>
              {(control) => (
                <Input.TextArea
                  {...control}
                  className="om-code"
                  rows={4}
                  autoComplete="off"
                  spellCheck={false}
                  placeholder="-----BEGIN OPENSSH PRIVATE KEY-----"
                  value={secret}
                  onChange={(event) => setSecret(event.target.value)}
                />
              )}
            </Field>
          </div>
          <Field label={t('runs.credentialPassphrase')}>
            {(control) => (
              <PasswordInput
                {...control}
                autoComplete="new-password"
                value={passphrase}
                onText={setPassphrase}
              />
            )}
          </Field>
        </>
      )}
      <div className={form.wholeRow}>
        <ErrorNotice error={add.error} />
      </div>
      <div className={`${form.wholeRow} om-row`}>
        <ActionButton
          type="primary"
          blocked={ready ? undefined : t('ui.fillRequired')}
          loading={add.isPending}
          onClick={() =>
            add.mutate(
              {
                body:
                  type === 'password'
                    ? { ...body, type, password: secret }
                    : {
                        ...body,
                        type,
                        key: secret,
                        ...(passphrase === '' ? {} : { passphrase }),
                      },
              },
              { onSuccess: (made) => onMade(made.name) },
            )
          }
        >
          {t('runs.makeIt')}
        </ActionButton>
        <Button onClick={onCancel}>{t('ui.cancel')}</Button>
      </div>
    </section>
  )
}
