// The account on the hosts, and the credential to get there: an existing one, or one made on the spot.

import { credentialRoutes } from '@omserver/api'
import { Button, Form, Input, Radio, Select } from 'antd'
import { useState } from 'react'
import { errorMessage, useAnswer, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import form from './launch.module.css'
import style from './runs.module.css'

export interface RunAsDraft {
  readonly user?: string
  readonly method?: 'sudo' | 'su'
  readonly password?: string
  readonly credential?: string
}

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
    <Form layout="vertical" component="div" className={form.strategy}>
      <Form.Item label={t('runs.runAs')} htmlFor="run-as-user" extra={t('runs.runAsHelp')}>
        <Input
          id="run-as-user"
          value={value.user ?? ''}
          placeholder="root"
          autoComplete="off"
          onChange={(event) =>
            set({ user: event.target.value === '' ? undefined : event.target.value })
          }
        />
      </Form.Item>
      {value.user !== undefined && (
        <>
          <Form.Item label={t('runs.runAsMethod')}>
            <Radio.Group
              aria-label={t('runs.runAsMethod')}
              value={value.method ?? 'sudo'}
              options={[
                { value: 'sudo', label: 'sudo' },
                { value: 'su', label: 'su' },
              ]}
              onChange={(event) => set({ method: event.target.value === 'su' ? 'su' : 'sudo' })}
            />
          </Form.Item>
          <Form.Item
            label={t('runs.runAsPassword')}
            htmlFor="run-as-password"
            extra={t('runs.runAsPasswordHelp')}
          >
            <Input.Password
              id="run-as-password"
              autoComplete="new-password"
              value={value.password ?? ''}
              onChange={(event) =>
                set({ password: event.target.value === '' ? undefined : event.target.value })
              }
            />
          </Form.Item>
        </>
      )}
      <Form.Item
        label={t('runs.credential')}
        htmlFor="run-credential"
        extra={t('runs.credentialHelp')}
      >
        <Select
          id="run-credential"
          allowClear
          value={value.credential ?? null}
          placeholder={t('runs.hostsOwn')}
          onChange={(next: string | null) => set({ credential: next ?? undefined })}
          options={(credentials.data?.items ?? []).map((item) => ({
            value: item.name,
            label: `${item.name} (${item.user})`,
          }))}
        />
      </Form.Item>
      {mayWrite.allowed && !making && (
        <Button onClick={() => setMaking(true)}>{t('runs.makeCredential')}</Button>
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
    </Form>
  )
}

const MakeCredential = ({
  onMade,
  onCancel,
}: {
  readonly onMade: (name: string) => void
  readonly onCancel: () => void
}) => {
  const { t, lang } = useTexts()
  const add = useChange(credentialRoutes.add, ['credentials.'])
  const [name, setName] = useState('')
  const [user, setUser] = useState('root')
  const [password, setPassword] = useState('')
  return (
    <fieldset className={form.inset}>
      <legend>{t('runs.makeCredential')}</legend>
      <Input
        aria-label={t('runs.credentialName')}
        placeholder={t('runs.credentialName')}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Input
        aria-label={t('runs.credentialUser')}
        placeholder={t('runs.credentialUser')}
        value={user}
        onChange={(event) => setUser(event.target.value)}
      />
      <Input.Password
        aria-label={t('runs.credentialPassword')}
        placeholder={t('runs.credentialPassword')}
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      {add.error !== null && <p className={style.problem}>{errorMessage(add.error, lang).text}</p>}
      <div className={style.tableTools}>
        <Button
          type="primary"
          disabled={name === '' || user === '' || password === ''}
          loading={add.isPending}
          onClick={() =>
            add.mutate(
              { body: { name, user, type: 'password', password } },
              { onSuccess: (made) => onMade(made.name) },
            )
          }
        >
          {t('runs.makeIt')}
        </Button>
        <Button onClick={onCancel}>{t('runs.cancel')}</Button>
      </div>
    </fieldset>
  )
}
