// Gives many hosts our public key with a password that is used once and kept nowhere.

import { credentialRoutes, trustRoutes } from '@omserver/api'
import { parsePasswords } from '@omserver/core'
import { Link } from '@tanstack/react-router'
import { Input, Segmented, Select } from 'antd'
import { useState } from 'react'
import { isCode, useAnswer, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import { ActionButton, ConfirmByTyping, ErrorNotice, Field, SelectorInput } from '../ui/index.ts'
import type { TargetProps } from './check-form.tsx'
import { useHostCount } from './use-host-count.ts'

interface EstablishFormProps extends TargetProps {
  readonly credential: string
  readonly onCredential: (name: string) => void
}

export const EstablishForm = ({
  selector,
  onSelector,
  credential,
  onCredential,
}: EstablishFormProps) => {
  const { t } = useTexts()
  const write = useMay('trust.write')
  const reads = useMay('credential.read').allowed
  const credentials = useAnswer(credentialRoutes.list, {}, { enabled: reads }).data?.items
  const keys = (credentials ?? []).filter(({ publicKey }) => publicKey !== null)
  const establish = useChange(trustRoutes.establish, ['runs.'])
  const [way, setWay] = useState<'one' | 'each'>('one')
  const [user, setUser] = useState('root')
  const [password, setPassword] = useState('')
  const [pasted, setPasted] = useState('')
  const [asking, setAsking] = useState(false)
  const count = useHostCount(selector)
  const list = parsePasswords(pasted)
  const given = Object.keys(list.passwords).length
  const missing =
    count === undefined || count === 0
      ? t('trust.chooseFirst')
      : credential === ''
        ? t('trust.establish.chooseKey')
        : user.trim() === ''
          ? t('trust.establish.chooseUser')
          : (way === 'one' ? password === '' : given === 0)
            ? t('trust.establish.givePassword')
            : undefined
  const start = (confirmHosts?: number) =>
    establish.mutate(
      {
        body: {
          selector,
          credential,
          user: user.trim(),
          ...(way === 'one' ? { password } : { passwords: list.passwords }),
          ...(confirmHosts === undefined ? {} : { confirmHosts }),
        },
      },
      {
        onSuccess: () => {
          setPassword('')
          setPasted('')
          setAsking(false)
        },
        onError: (error) => setAsking(isCode(error, 'CONFIRM_NEEDED')),
      },
    )
  return (
    <form
      className="om-stack"
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault()
        if (write.allowed && missing === undefined) start()
      }}
    >
      <Field label={t('trust.hosts')} required help={t('trust.hostsHelp')}>
        {({ id }) => (
          <SelectorInput
            id={id}
            label={t('trust.hosts')}
            placeholder={t('trust.hostsWhat')}
            value={selector}
            count={count}
            onChange={onSelector}
          />
        )}
      </Field>
      <Field
        label={t('trust.establish.key')}
        required
        help={
          credentials !== undefined && keys.length === 0 ? (
            <>
              {t('trust.establish.noKey')}{' '}
              <Link to="/credentials" search={{ edit: 'new' }}>
                {t('credentials.add')}
              </Link>
            </>
          ) : (
            t('trust.establish.keyHelp')
          )
        }
      >
        {(control) => (
          <Select
            {...control}
            style={{ width: '100%' }}
            placeholder={t('trust.establish.chooseKey')}
            value={credential === '' ? null : credential}
            options={keys.map(({ name, user: account }) => ({
              value: name,
              label: `${name} (${account})`,
            }))}
            onChange={(name) => onCredential(name ?? '')}
          />
        )}
      </Field>
      <Field label={t('trust.establish.user')} required help={t('trust.establish.userHelp')}>
        {(control) => (
          <Input
            {...control}
            className="om-code"
            autoComplete="off"
            value={user}
            onChange={({ target }) => setUser(target.value)}
          />
        )}
      </Field>
      <Segmented<'one' | 'each'>
        aria-label={t('trust.establish.way')}
        value={way}
        options={[
          { value: 'one', label: t('trust.establish.one') },
          { value: 'each', label: t('trust.establish.each') },
        ]}
        onChange={setWay}
      />
      {way === 'one' ? (
        <Field label={t('trust.establish.password')} required help={t('trust.establish.never')}>
          {(control) => (
            <Input.Password
              {...control}
              autoComplete="new-password"
              value={password}
              onChange={({ target }) => setPassword(target.value)}
            />
          )}
        </Field>
      ) : (
        <Field
          label={t('trust.establish.passwords')}
          required
          help={
            given > 0 ? t('trust.establish.given', { count: given }) : t('trust.establish.never')
          }
          error={
            list.badLines.length > 0
              ? t('trust.establish.badLines', { lines: list.badLines.slice(0, 10).join(', ') })
              : list.doubled.length > 0
                ? t('trust.establish.doubled', { names: list.doubled.slice(0, 5).join(', ') })
                : undefined
          }
        >
          {(control) => (
            <Input.TextArea
              {...control}
              className="om-code"
              autoSize={{ minRows: 5, maxRows: 12 }}
              autoComplete="off"
              spellCheck={false}
              placeholder={t('trust.establish.passwordsWhat')}
              value={pasted}
              onChange={({ target }) => setPasted(target.value)}
            />
          )}
        </Field>
      )}
      {asking ? null : <ErrorNotice error={establish.error} />}
      <div>
        <ActionButton
          type="primary"
          htmlType="submit"
          inSight
          loading={establish.isPending}
          blocked={write.why ?? missing}
        >
          {count === undefined || count === 0
            ? t('trust.establish.title')
            : t('trust.establish.on', { count })}
        </ActionButton>
      </div>
      {asking && count !== undefined ? (
        <ConfirmByTyping
          title={t('trust.establish.on', { count })}
          expected={String(count)}
          action={t('trust.establish.on', { count })}
          busy={establish.isPending}
          onClose={() => setAsking(false)}
          onConfirm={() => start(count)}
        >
          {t('trust.establish.confirm', { credential, user })}
        </ConfirmByTyping>
      ) : null}
    </form>
  )
}
