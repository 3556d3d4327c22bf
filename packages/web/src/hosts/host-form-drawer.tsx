// Adds a host, or changes one.

import { credentialRoutes, type HostView, hostRoutes } from '@omserver/api'
import { type DriverName, driverNames, isHostName } from '@omserver/core'
import { AutoComplete, Button, Drawer, Input, Select } from 'antd'
import { useMemo, useState } from 'react'
import { errorMessage, isCode, useAnswer, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import {
  ActionButton,
  ErrorNotice,
  Field,
  NumberField,
  numberProblem,
  toast,
  useUnsaved,
} from '../ui/index.ts'
import { useFleet } from './fleet.ts'
import { LabelsEditor } from './labels-editor.tsx'
import { portLimits } from './port-limits.ts'

interface HostFormDrawerProps {
  /** The host to change; absent: a new one. */
  readonly host?: HostView
  readonly onClose: () => void
}

interface Draft {
  readonly name: string
  readonly address: string
  readonly outerAddress: string
  /** As typed. */
  readonly port: number | undefined
  readonly driver: DriverName
  readonly labels: Readonly<Record<string, string>>
  readonly credential: string | null
  readonly jumpHost: string
  readonly encoding: string
}

const draftOf = (host: HostView | undefined): Draft => ({
  name: host?.name ?? '',
  address: host?.address ?? '',
  outerAddress: host?.outerAddress ?? '',
  port: host?.port ?? 22,
  driver: host?.driver ?? 'ssh',
  labels: host?.labels ?? {},
  credential: host?.credentialName ?? null,
  jumpHost: host?.jumpHostName ?? '',
  encoding: host?.encoding ?? '',
})

const encodings = ['gb18030', 'gbk', 'big5', 'shift_jis', 'euc-kr', 'iso-8859-1']

/** Which field the server's refusal is about. */
const culprits: Readonly<Record<string, keyof Draft>> = {
  HOST_EXISTS: 'name',
  HOST_NAME_BAD: 'name',
  HOST_ADDRESS_BAD: 'address',
  CREDENTIAL_UNKNOWN: 'credential',
  JUMP_UNKNOWN: 'jumpHost',
  JUMP_CYCLE: 'jumpHost',
  LABEL_BAD: 'labels',
}

export const HostFormDrawer = ({ host, onClose }: HostFormDrawerProps) => {
  const { t, lang } = useTexts()
  const { hosts } = useFleet()
  const readsCredentials = useMay('credential.read').allowed
  const credentials = useAnswer(credentialRoutes.list, {}, { enabled: readsCredentials }).data
    ?.items
  const add = useChange(hostRoutes.add, ['hosts.', 'groups.'])
  const change = useChange(hostRoutes.change, ['hosts.', 'groups.'])
  const [draft, setDraft] = useState(() => draftOf(host))
  const [initial] = useState(draft)
  const unsaved = useUnsaved(JSON.stringify(draft) !== JSON.stringify(initial), ['open'])
  const leave = () => unsaved.leave(onClose)
  const edit = (part: Partial<Draft>) => setDraft((old) => ({ ...old, ...part }))
  const error = add.error ?? change.error
  const culprit = isCode(error, ...Object.keys(culprits)) ? culprits[error.code] : undefined
  const wrong = (field: keyof Draft) =>
    culprit === field ? errorMessage(error, lang).text : undefined
  const jumps = useMemo(
    () =>
      hosts
        .filter(({ id, driver }) => driver === 'ssh' && id !== host?.id)
        .map(({ name }) => ({ value: name })),
    [hosts, host?.id],
  )
  const name = draft.name.trim()
  const nameBad = name !== '' && !isHostName(name) ? t('hosts.nameBad') : undefined
  const busy = add.isPending || change.isPending
  const portBad = numberProblem(draft.port, { ...portLimits, required: true }) !== undefined
  const why =
    nameBad ??
    (name === '' || draft.address.trim() === ''
      ? t('ui.fillRequired')
      : portBad
        ? t('hosts.portBad')
        : undefined)
  const save = () => {
    if (why !== undefined || busy) return
    const body = {
      name,
      address: draft.address.trim(),
      outerAddress: draft.outerAddress.trim() === '' ? null : draft.outerAddress.trim(),
      port: draft.port,
      driver: draft.driver,
      labels: draft.labels,
      credential: draft.credential,
      jumpHost: draft.jumpHost.trim() === '' ? null : draft.jumpHost.trim(),
      encoding: draft.encoding === '' ? null : draft.encoding,
    }
    const onSuccess = () => {
      toast.success(t('hosts.saved', { name }))
      unsaved.saved(onClose)
    }
    if (host === undefined) add.mutate({ body }, { onSuccess })
    else change.mutate({ params: { id: host.id }, body }, { onSuccess })
  }
  return (
    <Drawer
      open
      size={480}
      title={host === undefined ? t('hosts.add') : t('hosts.change', { name: host.name })}
      onClose={leave}
      footer={
        <div className="om-row">
          <ActionButton type="primary" inSight loading={busy} blocked={why} onClick={save}>
            {host === undefined ? t('hosts.add') : t('ui.save')}
          </ActionButton>
          <Button onClick={leave}>{t('ui.cancel')}</Button>
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
        <Field
          label={t('hosts.column.name')}
          required
          help={t('hosts.nameHelp')}
          error={nameBad ?? wrong('name')}
        >
          {(control) => (
            <Input
              {...control}
              autoFocus={host === undefined}
              spellCheck={false}
              autoCapitalize="off"
              value={draft.name}
              onChange={({ target }) => edit({ name: target.value })}
            />
          )}
        </Field>
        <div style={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) 104px', gap: 12 }}>
          <Field label={t('hosts.column.address')} required error={wrong('address')}>
            {(control) => (
              <Input
                {...control}
                className="om-code"
                placeholder="10.0.0.11"
                spellCheck={false}
                value={draft.address}
                onChange={({ target }) => edit({ address: target.value })}
              />
            )}
          </Field>
          <NumberField
            {...portLimits}
            required
            label={t('hosts.port')}
            value={draft.port}
            onNumber={(port) => edit({ port })}
          />
        </div>
        <Field label={t('hosts.column.outerAddress')} help={t('hosts.outerHelp')}>
          {(control) => (
            <Input
              {...control}
              className="om-code"
              spellCheck={false}
              value={draft.outerAddress}
              onChange={({ target }) => edit({ outerAddress: target.value })}
            />
          )}
        </Field>
        <Field label={t('hosts.column.driver')} help={t(`hosts.driverHelp.${draft.driver}`)}>
          {(control) => (
            <Select
              {...control}
              style={{ width: '100%' }}
              value={draft.driver}
              options={driverNames.map((value) => ({ value, label: t(`hosts.driver.${value}`) }))}
              onChange={(driver) => edit({ driver })}
            />
          )}
        </Field>
        {draft.driver === 'ssh' ? (
          <>
            <Field
              label={t('hosts.credential')}
              help={t('hosts.credentialHelp')}
              error={wrong('credential')}
            >
              {(control) => (
                <Select
                  {...control}
                  allowClear
                  style={{ width: '100%' }}
                  disabled={!readsCredentials}
                  placeholder={t('hosts.credentialNone')}
                  value={draft.credential}
                  options={(credentials ?? []).map((each) => ({
                    value: each.name,
                    label: `${each.name} (${each.user})`,
                  }))}
                  onChange={(credential) => edit({ credential: credential ?? null })}
                />
              )}
            </Field>
            <Field label={t('hosts.jump')} help={t('hosts.jumpHelp')} error={wrong('jumpHost')}>
              {(control) => (
                <AutoComplete
                  {...control}
                  allowClear
                  style={{ width: '100%' }}
                  value={draft.jumpHost}
                  options={jumps}
                  showSearch={{
                    filterOption: (text, option) => String(option?.value).includes(text),
                  }}
                  onChange={(jumpHost: string | undefined) => edit({ jumpHost: jumpHost ?? '' })}
                />
              )}
            </Field>
          </>
        ) : null}
        <Field label={t('hosts.labels')} help={t('hosts.labelsHelp')} error={wrong('labels')}>
          {(control) => (
            <LabelsEditor
              {...control}
              value={draft.labels}
              onChange={(labels) => edit({ labels })}
            />
          )}
        </Field>
        <Field label={t('hosts.encoding')} help={t('hosts.encodingHelp')}>
          {(control) => (
            <Select
              {...control}
              style={{ width: '100%' }}
              value={draft.encoding}
              options={[
                { value: '', label: 'UTF-8' },
                ...encodings.map((value) => ({ value, label: value.toUpperCase() })),
              ]}
              onChange={(encoding) => edit({ encoding })}
            />
          )}
        </Field>
        {culprit === undefined ? <ErrorNotice error={error} /> : null}
        <button type="submit" hidden />
      </form>
      {unsaved.question}
    </Drawer>
  )
}
