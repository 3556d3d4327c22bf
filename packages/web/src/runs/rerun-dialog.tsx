// Asks before a rerun: which hosts, by the state they ended in, and what is not known of them.

import { type RunView, runRoutes } from '@omserver/api'
import { useNavigate } from '@tanstack/react-router'
import { Modal } from 'antd'
import { useState } from 'react'
import { useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { HostStatusMark } from '../status/index.ts'
import { ErrorNotice, Field, Notice, TextInput } from '../ui/index.ts'
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
  const buckets = bucketsOf(run.counts, choice)
  const hosts = hostsOf(buckets)
  const mustType = hosts > FEW
  const confirm = () =>
    rerun.mutate(
      {
        params: { id: run.id },
        body: {
          which: choice === 'all' ? choice : { states: [...choice.states] },
          confirmHosts: hosts,
        },
      },
      {
        onSuccess: (next) => {
          onClose()
          void navigate({ to: '/runs/$id', params: { id: next.id } })
        },
      },
    )
  return (
    <Modal
      open
      title={t('runs.rerunTitle')}
      okText={t('runs.rerunOk', { count: hosts, hosts: number(hosts) })}
      okButtonProps={{
        disabled: mustType && typed.trim() !== String(hosts),
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
        <ErrorNotice error={rerun.error} />
      </div>
    </Modal>
  )
}
