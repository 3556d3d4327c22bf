// Adds an endpoint of a driver. What is secret goes to the server once and never comes back.

import { type EndpointInput, endpointRoutes } from '@omserver/api'
import { Checkbox, Input, Segmented } from 'antd'
import { useState } from 'react'
import { useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { ErrorNotice, Field, FormDrawer, TextInput, toast, useUnsaved } from '../ui/index.ts'

const empty = {
  name: '',
  idc: '',
  url: '',
  user: '',
  password: '',
  eauth: 'pam',
  ca: '',
  port: '51234',
  cert: '',
  key: '',
  overlord: '',
}
type Draft = typeof empty

const needed = {
  salt: ['name', 'url', 'user', 'password', 'eauth'],
  func: ['name', 'port', 'ca', 'cert', 'key'],
} as const satisfies Record<EndpointInput['kind'], readonly (keyof Draft)[]>

const given = (text: string): string | undefined => (text.trim() === '' ? undefined : text.trim())

const inputOf = (kind: EndpointInput['kind'], draft: Draft, legacyTls: boolean): EndpointInput => {
  const { password, cert, key } = draft
  const shared = { name: draft.name.trim(), idc: given(draft.idc) }
  if (kind === 'salt') {
    const [url, user, eauth] = [draft.url.trim(), draft.user.trim(), draft.eauth.trim()]
    const settings = { url, user, eauth, ca: given(draft.ca) }
    return { ...shared, kind, settings, secrets: { password } }
  }
  const overlord = given(draft.overlord)
  const mode = overlord === undefined ? 'direct' : 'transmit'
  const settings = { port: Number(draft.port), ca: draft.ca, legacyTls, mode, overlord } as const
  return { ...shared, kind, settings, secrets: { cert, key } }
}

export const EndpointDrawer = ({ onClose }: { readonly onClose: () => void }) => {
  const { t } = useTexts()
  const [kind, setKind] = useState<EndpointInput['kind']>('salt')
  const [draft, setDraft] = useState(empty)
  const [legacyTls, setLegacyTls] = useState(false)
  const add = useChange(endpointRoutes.add, ['endpoints.'])
  const unsaved = useUnsaved(JSON.stringify(draft) !== JSON.stringify(empty))
  const ready = needed[kind].every((name) => draft[name].trim() !== '')
  const set = (name: keyof Draft) => (text: string) =>
    setDraft((before) => ({ ...before, [name]: text }))
  const save = () => {
    if (!ready || add.isPending) return
    add.mutate(
      { body: inputOf(kind, draft, legacyTls) },
      {
        onSuccess: ({ name }) => {
          toast.success(t('controllers.endpoint.saved', { name }))
          unsaved.saved(onClose)
        },
      },
    )
  }
  const line = (name: keyof Draft, label: string, help?: string) => (
    <Field label={label} help={help} required={needed[kind].some((one) => one === name)}>
      {(control) => (
        <TextInput {...control} autoComplete="off" value={draft[name]} onText={set(name)} />
      )}
    </Field>
  )
  const text = (name: keyof Draft, label: string, help?: string) => (
    <Field label={label} help={help} required={needed[kind].some((one) => one === name)}>
      {(control) => (
        <Input.TextArea
          {...control}
          className="om-code"
          autoSize={{ minRows: 3, maxRows: 8 }}
          spellCheck={false}
          autoComplete="off"
          placeholder={`-----BEGIN ${name === 'key' ? 'PRIVATE KEY' : 'CERTIFICATE'}-----`}
          value={draft[name]}
          onChange={({ target }) => set(name)(target.value)}
        />
      )}
    </Field>
  )
  return (
    <FormDrawer
      title={t('controllers.endpoint.add')}
      unsaved={unsaved}
      ready={ready}
      busy={add.isPending}
      onSave={save}
      onClose={onClose}
    >
      <Field label={t('controllers.endpoint.driver')}>
        {(control) => (
          <div>
            <Segmented
              {...control}
              aria-label={t('controllers.endpoint.driver')}
              value={kind}
              options={['salt', 'func'] as const}
              onChange={setKind}
            />
          </div>
        )}
      </Field>
      {line('name', t('controllers.name'))}
      {line('idc', t('controllers.idc'), t('controllers.endpoint.idcHelp'))}
      {kind === 'salt' ? (
        <>
          {line('url', t('controllers.endpoint.url'), 'https://salt.example:8000')}
          {line('user', t('controllers.endpoint.user'))}
          <Field label={t('controllers.endpoint.password')} required>
            {(control) => (
              <Input.Password
                {...control}
                autoComplete="new-password"
                value={draft.password}
                onChange={({ target }) => set('password')(target.value)}
              />
            )}
          </Field>
          {line('eauth', t('controllers.endpoint.eauth'), t('controllers.endpoint.eauthHelp'))}
          {text('ca', t('controllers.endpoint.ca'), t('controllers.endpoint.caHelp'))}
        </>
      ) : (
        <>
          {line('port', t('controllers.endpoint.port'))}
          {text('ca', t('controllers.endpoint.ca'))}
          {text('cert', t('controllers.endpoint.cert'))}
          {text('key', t('controllers.endpoint.key'))}
          <Checkbox checked={legacyTls} onChange={({ target }) => setLegacyTls(target.checked)}>
            {t('controllers.endpoint.legacyTls')}
          </Checkbox>
          {line(
            'overlord',
            t('controllers.endpoint.overlord'),
            t('controllers.endpoint.overlordHelp'),
          )}
        </>
      )}
      <ErrorNotice error={add.error} />
    </FormDrawer>
  )
}
