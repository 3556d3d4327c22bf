// Replaces one key by another on the hosts: new in, verified, old out.

import { credentialRoutes, trustRoutes } from '@omserver/api'
import { Checkbox, Select } from 'antd'
import { useState } from 'react'
import { isCode, useAnswer, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import { ActionButton, ConfirmByTyping, ErrorNotice, Field, SelectorInput } from '../ui/index.ts'
import type { TargetProps } from './check-form.tsx'
import { useHostCount } from './use-host-count.ts'

export const RotateForm = ({ selector, onSelector }: TargetProps) => {
  const { t } = useTexts()
  const write = useMay('trust.write')
  const reads = useMay('credential.read').allowed
  const credentials = useAnswer(credentialRoutes.list, {}, { enabled: reads }).data?.items ?? []
  const options = credentials
    .filter(({ publicKey }) => publicKey !== null)
    .map(({ name, user }) => ({ value: name, label: `${name} (${user})` }))
  const rotate = useChange(trustRoutes.rotate, ['runs.'])
  const [from, setFrom] = useState<string | undefined>()
  const [to, setTo] = useState<string | undefined>()
  const [removeOld, setRemoveOld] = useState(true)
  const [asking, setAsking] = useState(false)
  const count = useHostCount(selector)
  const missing =
    count === undefined || count === 0
      ? t('trust.chooseFirst')
      : from === undefined || to === undefined
        ? t('trust.rotate.choose')
        : from === to
          ? t('trust.rotate.same')
          : undefined
  const start = (confirmHosts?: number) => {
    if (from === undefined || to === undefined) return
    rotate.mutate(
      {
        body: {
          selector,
          from,
          to,
          removeOld,
          ...(confirmHosts === undefined ? {} : { confirmHosts }),
        },
      },
      {
        onSuccess: () => setAsking(false),
        onError: (error) => setAsking(isCode(error, 'CONFIRM_NEEDED')),
      },
    )
  }
  return (
    <form
      className="om-stack"
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
      <Field label={t('trust.rotate.from')} required>
        {(control) => (
          <Select
            {...control}
            style={{ width: '100%' }}
            value={from ?? null}
            options={options}
            onChange={(name) => setFrom(name ?? undefined)}
          />
        )}
      </Field>
      <Field label={t('trust.rotate.to')} required>
        {(control) => (
          <Select
            {...control}
            style={{ width: '100%' }}
            value={to ?? null}
            options={options}
            onChange={(name) => setTo(name ?? undefined)}
          />
        )}
      </Field>
      <Checkbox checked={removeOld} onChange={({ target }) => setRemoveOld(target.checked)}>
        {t('trust.rotate.removeOld')}
      </Checkbox>
      {asking ? null : <ErrorNotice error={rotate.error} />}
      <div>
        <ActionButton
          type="primary"
          htmlType="submit"
          inSight
          loading={rotate.isPending}
          blocked={write.why ?? missing}
        >
          {count === undefined || count === 0
            ? t('trust.rotate.title')
            : t('trust.rotate.on', { count })}
        </ActionButton>
      </div>
      {asking && count !== undefined ? (
        <ConfirmByTyping
          title={t('trust.rotate.on', { count })}
          expected={String(count)}
          action={t('trust.rotate.on', { count })}
          busy={rotate.isPending}
          onClose={() => setAsking(false)}
          onConfirm={() => start(count)}
        >
          {t('trust.rotate.confirm', { from, to })}
        </ConfirmByTyping>
      ) : null}
    </form>
  )
}
