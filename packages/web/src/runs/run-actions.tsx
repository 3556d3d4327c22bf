// What can be done with a run now. Buttons say what they do and to how many hosts.

import { type HostResultView, type RunView, runRoutes } from '@omserver/api'
import { hostStates, isRunEnd } from '@omserver/core'
import { useNavigate } from '@tanstack/react-router'
import { Button, Dropdown, type MenuProps, Modal } from 'antd'
import { useState } from 'react'
import { client, errorMessage, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import { ActionButton, CopyButton, toast } from '../ui/index.ts'
import { FetchedFiles } from './fetched-files.tsx'
import { bucketsOf, plainRerun, type RerunChoice } from './rerun-choice.ts'
import { RerunDialog } from './rerun-dialog.tsx'

interface Props {
  readonly run: RunView
  readonly rows: readonly HostResultView[]
}

/** Worked out only when it is wanted: a large run changes several times a second. */
const addressesOf = (rows: readonly HostResultView[]): string =>
  rows
    .filter(({ state }) => state !== 'ok' && state !== 'queued' && state !== 'running')
    .map(({ address }) => address)
    .join('\n')

export const RunActions = ({ run, rows }: Props) => {
  const { t, number, lang } = useTexts()
  const navigate = useNavigate()
  const launch = useMay('run.launch')
  const [asked, setAsked] = useState<'abort' | RerunChoice>()
  const abort = useChange(runRoutes.abort, ['runs.'])
  const ended = isRunEnd(run.state)
  const left = run.counts.queued + run.counts.running
  const notOk = run.total - run.counts.ok - left
  const plain = plainRerun(run.counts)
  const plainBuckets = plain === undefined ? [] : bucketsOf(run.counts, plain)
  const onlyFailed = plainBuckets.every(({ state }) => state === 'failed')
  const named = plainBuckets
    .map(({ state, hosts }) =>
      t('runs.bucket', {
        hosts: number(hosts),
        state: t(`status.host.${state}`).toLocaleLowerCase(),
      }),
    )
    .join(t('runs.bucketBreak'))
  const buckets: MenuProps['items'] = [
    { key: 'all', label: t('runs.rerunAll', { count: run.total, hosts: number(run.total) }) },
    ...bucketsOf(run.counts, 'all').map(({ state, hosts }) => ({
      key: state,
      label: t('runs.rerunState', {
        state: t(`status.host.${state}`),
        count: hosts,
        hosts: number(hosts),
      }),
    })),
  ]
  const downloads: MenuProps['items'] = [
    { key: 'csv', label: t('runs.exportCsv') },
    { key: 'jsonl', label: t('runs.exportJson') },
    { key: 'txt', label: t('runs.exportText') },
  ]
  const exportAs = (format: string) => {
    const known = (['csv', 'jsonl', 'txt'] as const).find((one) => one === format) ?? 'csv'
    window.location.assign(
      client.url(runRoutes.export, { params: { id: run.id }, query: { format: known } }),
    )
  }

  return (
    <>
      {!ended && (
        <ActionButton
          danger
          type="primary"
          blocked={
            run.may.abort
              ? undefined
              : run.stopReason === 'aborted'
                ? t('runs.stopReason.aborted')
                : t('runs.mayNotSteer')
          }
          onClick={() => setAsked('abort')}
        >
          {t('runs.abort')}
        </ActionButton>
      )}
      {ended && plain !== undefined && (
        <ActionButton
          type="primary"
          inSight
          blocked={run.may.rerun ? undefined : t('runs.mayNotSteer')}
          onClick={() => setAsked(plain)}
        >
          {onlyFailed
            ? t('runs.rerunFailed', {
                count: run.counts.failed,
                hosts: number(run.counts.failed),
              })
            : t('runs.rerunThese', { buckets: named })}
        </ActionButton>
      )}
      {ended && !run.may.rerun && (
        <ActionButton blocked={t('runs.mayNotSteer')}>{t('runs.rerun')}</ActionButton>
      )}
      {ended && run.may.rerun && (
        <Dropdown
          menu={{
            items: buckets,
            onClick: ({ key }) => {
              const state = hostStates.find((one) => one === key)
              setAsked(state === undefined ? 'all' : { states: [state] })
            },
          }}
        >
          <Button>{t('runs.rerun')}</Button>
        </Dropdown>
      )}
      <ActionButton
        blocked={launch.why}
        onClick={() => void navigate({ to: '/launch', search: { from: run.id } })}
      >
        {t('runs.relaunch')}
      </ActionButton>
      {notOk > 0 && (
        <CopyButton
          shown
          text={() => addressesOf(rows)}
          label={t('runs.copyFailed', { count: notOk, hosts: number(notOk) })}
        />
      )}
      {ended || run.module === 'fetch' ? <FetchedFiles runId={run.id} ended={ended} /> : null}
      <Dropdown menu={{ items: downloads, onClick: ({ key }) => exportAs(key) }}>
        <Button>{t('runs.export')}</Button>
      </Dropdown>
      {asked !== undefined && asked !== 'abort' && (
        <RerunDialog run={run} choice={asked} onClose={() => setAsked(undefined)} />
      )}
      <Modal
        open={asked === 'abort'}
        title={t('runs.abortTitle')}
        okText={t('runs.abortOk', { count: left, hosts: number(left) })}
        okButtonProps={{ danger: true, loading: abort.isPending }}
        onOk={() =>
          abort.mutate(
            { params: { id: run.id } },
            {
              onError: (error) => toast.error(errorMessage(error, lang).text),
              onSuccess: () => setAsked(undefined),
            },
          )
        }
        onCancel={() => setAsked(undefined)}
      >
        <p>
          {t('runs.abortText', {
            running: number(run.counts.running),
            queued: number(run.counts.queued),
          })}
        </p>
      </Modal>
    </>
  )
}
