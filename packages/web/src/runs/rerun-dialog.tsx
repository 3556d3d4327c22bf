// Asks before a rerun: which hosts, by the state they ended in, and what is not known of them.

import { type RunView, runRoutes } from '@omserver/api'
import { useNavigate } from '@tanstack/react-router'
import { Modal } from 'antd'
import { useState } from 'react'
import { useAnswer, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { HostStatusMark } from '../status/index.ts'
import { ErrorNotice, Field, Notice, PasswordInput, TextInput } from '../ui/index.ts'
import { bucketsOf, doubtsOf, hostsOf, type RerunChoice } from './rerun-choice.ts'
import style from './runs.module.css'

/** More than these are confirmed by their number. */
const FEW = 20

interface Props {
  readonly run: RunView
  readonly choice: RerunChoice
  readonly onClose: () => void
}

/** Rendered only while it is open. */
export const RerunDialog = ({ run, choice, onClose }: Props) => {
  const { t, number } = useTexts()
  const navigate = useNavigate()
  const rerun = useChange(runRoutes.rerun, ['runs.'])
  const [typed, setTyped] = useState('')
  const detail = useAnswer(runRoutes.show, { params: { id: run.id } }, { staleTime: 60_000 })
  const needed = detail.data?.secrets
  const [secrets, setSecrets] = useState<Readonly<Record<string, string>>>({})
  const lacking = needed === undefined || needed.some((name) => !secrets[name])
  const buckets = bucketsOf(run.counts, choice)
  const hosts = hostsOf(buckets)
  const mustType = hosts > FEW
  const confirm = () => {
    const { runAsPassword, ...parameters } = secrets
    rerun.mutate(
      {
        params: { id: run.id },
        body: {
          which: choice === 'all' ? choice : { states: [...choice.states] },
          confirmHosts: hosts,
          secrets: parameters,
          ...(runAsPassword === undefined ? {} : { runAsPassword }),
        },
      },
      {
        onSuccess: (next) => {
          onClose()
          void navigate({ to: '/runs/$id', params: { id: next.id } })
        },
      },
    )
  }
  return (
    <Modal
      open
      title={t('runs.rerunTitle')}
      okText={t('runs.rerunOk', { count: hosts, hosts: number(hosts) })}
      okButtonProps={{
        disabled: lacking || (mustType && typed.trim() !== String(hosts)),
        loading: rerun.isPending,
      }}
      cancelText={t('ui.cancel')}
      onOk={confirm}
      onCancel={onClose}
    >
      <div className="om-stack">
        <p>{t('runs.rerunText', { module: run.module, count: hosts, hosts: number(hosts) })}</p>
        <ul className={style.buckets}>
          {buckets.map((bucket) => (
            <li key={bucket.state}>
              <HostStatusMark state={bucket.state} />
              <strong className={style.figure}>{number(bucket.hosts)}</strong>
            </li>
          ))}
        </ul>
        {doubtsOf(buckets).map((bucket) => (
          <Notice
            key={bucket.state}
            tone="warning"
            title={t(bucket.state === 'lost' ? 'runs.rerunLost' : 'runs.rerunAborted', {
              count: bucket.hosts,
              hosts: number(bucket.hosts),
            })}
          />
        ))}
        {needed?.map((name) => (
          <Field
            key={name}
            required
            label={
              name === 'runAsPassword'
                ? t('runs.rerunRunAs', { user: run.runAs?.user ?? '' })
                : t('runs.rerunSecret', { name })
            }
            help={t('runs.rerunSecretHelp')}
          >
            {(control) => (
              <PasswordInput
                {...control}
                autoComplete="new-password"
                value={secrets[name] ?? ''}
                onText={(text) => setSecrets({ ...secrets, [name]: text })}
              />
            )}
          </Field>
        ))}
        {mustType && (
          <Field label={t('runs.typeCount', { hosts })}>
            {(control) => (
              <TextInput
                {...control}
                autoComplete="off"
                inputMode="numeric"
                value={typed}
                onText={setTyped}
              />
            )}
          </Field>
        )}
        <ErrorNotice error={rerun.error ?? detail.error} />
      </div>
    </Modal>
  )
}
