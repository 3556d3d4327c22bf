// Adds a credential or replaces its secret. What is typed here goes to the server once and never comes back.

import { type CredentialView, credentialRoutes, credentialTypes } from '@omserver/api'
import { Button, Drawer, Input, Segmented } from 'antd'
import { useState } from 'react'
import { errorMessage, isCode, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { CopyButton, ErrorNotice, Field, FormDrawer, toast, useUnsaved } from '../ui/index.ts'

type Kind = (typeof credentialTypes)[number]
type Way = 'generate' | 'paste' | 'keep'

interface CredentialDrawerProps {
  readonly credential: CredentialView | undefined
  readonly onClose: () => void
}

export const CredentialDrawer = ({ credential, onClose }: CredentialDrawerProps) => {
  const { t, lang } = useTexts()
  const [type, setType] = useState<Kind>(credential?.type ?? 'ssh-key')
  const [way, setWay] = useState<Way>(credential === undefined ? 'generate' : 'keep')
  const [name, setName] = useState(credential?.name ?? '')
  const [user, setUser] = useState(credential?.user ?? 'root')
  const [key, setKey] = useState('')
  const [passphrase, setPassphrase] = useState('')
  const [password, setPassword] = useState('')
  const [made, setMade] = useState<CredentialView | undefined>()
  const now = JSON.stringify([name, user, type, way, key, passphrase, password])
  const [initial] = useState(now)
  const unsaved = useUnsaved(made === undefined && now !== initial, ['edit'])
  const add = useChange(credentialRoutes.add, ['credentials.'])
  const change = useChange(credentialRoutes.change, ['credentials.', 'hosts.'])
  const error = add.error ?? change.error
  const says = (...codes: readonly string[]) =>
    isCode(error, ...codes) ? errorMessage(error, lang).text : undefined
  const shown =
    says('CREDENTIAL_EXISTS', 'CREDENTIAL_KEY_BAD', 'CREDENTIAL_PASSPHRASE') !== undefined
  const busy = add.isPending || change.isPending
  const secretReady =
    type === 'agent' ||
    way === 'keep' ||
    (type === 'password' ? password !== '' : way === 'generate' || key.trim() !== '')
  const ready = name.trim() !== '' && user.trim() !== '' && secretReady

  const save = () => {
    if (!ready || busy) return
    const secret =
      way === 'keep' || type === 'agent'
        ? {}
        : type === 'password'
          ? { password }
          : way === 'generate'
            ? { generate: true }
            : { key, ...(passphrase === '' ? {} : { passphrase }) }
    const onSuccess = (saved: CredentialView) => {
      toast.success(t('credentials.saved', { name: saved.name }))
      // A key made here is worth nothing until its public half is on hosts: show it before leaving.
      if (type === 'ssh-key' && way === 'generate') setMade(saved)
      else unsaved.saved(onClose)
    }
    const body = { name: name.trim(), user: user.trim(), ...secret }
    if (credential === undefined) add.mutate({ body: { ...body, type } }, { onSuccess })
    else change.mutate({ params: { id: credential.id }, body }, { onSuccess })
  }

  if (made !== undefined) {
    return (
      <Drawer
        open
        size={520}
        title={t('credentials.made', { name: made.name })}
        onClose={onClose}
        footer={
          <Button type="primary" onClick={onClose}>
            {t('ui.close')}
          </Button>
        }
      >
        <div className="om-stack">
          <p>{t('credentials.madeNext')}</p>
          <code className="om-card om-breakable">{made.publicKey}</code>
          <div>
            <CopyButton shown text={made.publicKey ?? ''} label={t('credentials.copyKey')} />
          </div>
        </div>
      </Drawer>
    )
  }
  return (
    <FormDrawer
      title={
        credential === undefined
          ? t('credentials.add')
          : t('credentials.change', { name: credential.name })
      }
      unsaved={unsaved}
      ready={ready}
      busy={busy}
      onSave={save}
      onClose={onClose}
    >
      <Field label={t('credentials.name')} required error={says('CREDENTIAL_EXISTS')}>
        {(control) => (
          <Input
            {...control}
            autoFocus
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
        )}
      </Field>
      <Field label={t('credentials.user')} required help={t('credentials.userHelp')}>
        {(control) => (
          <Input
            {...control}
            className="om-code"
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            value={user}
            onChange={({ target }) => setUser(target.value)}
          />
        )}
      </Field>
      {credential === undefined ? (
        <Field label={t('credentials.type')} help={t(`credentials.typeHelp.${type}`)}>
          {(control) => (
            <div>
              <Segmented
                {...control}
                aria-label={t('credentials.type')}
                value={type}
                options={credentialTypes.map((value) => ({
                  value,
                  label: t(`credentials.types.${value}`),
                }))}
                onChange={(next) => setType(next)}
              />
            </div>
          )}
        </Field>
      ) : null}
      {type === 'ssh-key' ? (
        <Field label={t('credentials.key')}>
          {(control) => (
            <div>
              <Segmented<Way>
                {...control}
                aria-label={t('credentials.key')}
                value={way}
                options={[
                  ...(credential === undefined
                    ? []
                    : [{ value: 'keep' as const, label: t('credentials.keep') }]),
                  { value: 'generate', label: t('credentials.generate') },
                  { value: 'paste', label: t('credentials.paste') },
                ]}
                onChange={(next) => setWay(next)}
              />
            </div>
          )}
        </Field>
      ) : null}
      {type === 'ssh-key' && way === 'generate' ? (
        <p className="om-soft">
          {credential === undefined
            ? t('credentials.generateHelp')
            : t('credentials.generateAgain')}
        </p>
      ) : null}
      {type === 'ssh-key' && way === 'paste' ? (
        <>
          <Field
            label={t('credentials.private')}
            required
            help={t('credentials.privateHelp')}
            error={says('CREDENTIAL_KEY_BAD')}
          >
            {(control) => (
              <Input.TextArea
                {...control}
                className="om-code"
                autoSize={{ minRows: 6, maxRows: 12 }}
                spellCheck={false}
                autoComplete="off"
                placeholder="-----BEGIN OPENSSH PRIVATE KEY-----"
                value={key}
                onChange={({ target }) => setKey(target.value)}
              />
            )}
          </Field>
          <Field
            label={t('credentials.passphrase')}
            help={t('credentials.passphraseHelp')}
            error={says('CREDENTIAL_PASSPHRASE')}
          >
            {(control) => (
              <Input.Password
                {...control}
                autoComplete="new-password"
                value={passphrase}
                onChange={({ target }) => setPassphrase(target.value)}
              />
            )}
          </Field>
        </>
      ) : null}
      {type === 'password' ? (
        <Field
          label={t('credentials.password')}
          required={credential === undefined}
          help={credential === undefined ? undefined : t('credentials.passwordKeep')}
        >
          {(control) => (
            <Input.Password
              {...control}
              autoComplete="new-password"
              value={password}
              onChange={({ target }) => {
                setPassword(target.value)
                setWay(target.value === '' && credential !== undefined ? 'keep' : 'paste')
              }}
            />
          )}
        </Field>
      ) : null}
      {shown ? null : <ErrorNotice error={error} />}
    </FormDrawer>
  )
}
