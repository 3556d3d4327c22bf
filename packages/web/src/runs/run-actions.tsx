// What can be done with a run now. Buttons say what they do and to how many hosts.

import { type HostResultView, type RunView, runRoutes } from '@omserver/api'
import { type HostState, hostStates, isRunEnd } from '@omserver/core'
import { useNavigate } from '@tanstack/react-router'
import { Button, Dropdown, Input, type MenuProps, Modal } from 'antd'
import { useState } from 'react'
import { client, errorMessage, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { ActionButton, CopyButton, toast } from '../ui/index.ts'

interface Props {
  readonly run: RunView
  readonly rows: readonly HostResultView[]
}

type Which = 'all' | 'failed' | { readonly states: HostState[] }

const countOf = (run: RunView, which: Which): number => {
  if (which === 'all') return run.total
  if (which === 'failed') return run.total - run.counts.ok
  return which.states.reduce((sum, state) => sum + run.counts[state], 0)
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
  const [asked, setAsked] = useState<'abort' | Which>()
  const [typed, setTyped] = useState('')
  const abort = useChange(runRoutes.abort, ['runs.'])
  const rerun = useChange(runRoutes.rerun, ['runs.'])
  const ended = isRunEnd(run.state)
  const failed = run.total - run.counts.ok
  const left = run.counts.queued + run.counts.running

  const fail = (error: Error) => toast.error(errorMessage(error, lang).text)
  const confirm = () => {
    if (asked === 'abort') {
      abort.mutate(
        { params: { id: run.id } },
        { onError: fail, onSuccess: () => setAsked(undefined) },
      )
      return
    }
    if (asked === undefined) return
    rerun.mutate(
      { params: { id: run.id }, body: { which: asked, confirmHosts: countOf(run, asked) } },
      {
        onError: fail,
        onSuccess: (next) => {
          setAsked(undefined)
          void navigate({ to: '/runs/$id', params: { id: next.id } })
        },
      },
    )
  }
  const hosts = asked === undefined || asked === 'abort' ? left : countOf(run, asked)
  const mustType = asked !== undefined && asked !== 'abort' && hosts > 20
  const buckets: MenuProps['items'] = [
    { key: 'all', label: t('runs.rerunAll', { count: run.total, hosts: number(run.total) }) },
    ...hostStates
      .filter((state) => state !== 'queued' && state !== 'running' && run.counts[state] > 0)
      .map((state) => ({
        key: state,
        label: t('runs.rerunState', {
          state: t(`status.host.${state}`),
          count: run.counts[state],
          hosts: number(run.counts[state]),
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
      {ended && failed > 0 && (
        <ActionButton
          type="primary"
          blocked={run.may.rerun ? undefined : t('runs.mayNotSteer')}
          onClick={() => setAsked('failed')}
        >
          {t('runs.rerunFailed', { count: failed, hosts: number(failed) })}
        </ActionButton>
      )}
      {ended && (
        <Dropdown
          disabled={!run.may.rerun}
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
      <Button onClick={() => void navigate({ to: '/launch', search: { from: run.id } })}>
        {t('runs.relaunch')}
      </Button>
      {failed - left > 0 && (
        <CopyButton
          shown
          text={() => addressesOf(rows)}
          label={t('runs.copyFailed', { count: failed - left, hosts: number(failed - left) })}
        />
      )}
      <Dropdown menu={{ items: downloads, onClick: ({ key }) => exportAs(key) }}>
        <Button>{t('runs.export')}</Button>
      </Dropdown>
      <Modal
        open={asked !== undefined}
        title={asked === 'abort' ? t('runs.abortTitle') : t('runs.rerunTitle')}
        okText={
          asked === 'abort'
            ? t('runs.abortOk', { count: hosts, hosts: number(hosts) })
            : t('runs.rerunOk', { count: hosts, hosts: number(hosts) })
        }
        okButtonProps={{
          danger: asked === 'abort',
          disabled: mustType && typed.trim() !== String(hosts),
          loading: abort.isPending || rerun.isPending,
        }}
        onOk={confirm}
        onCancel={() => setAsked(undefined)}
        afterClose={() => setTyped('')}
      >
        <p>
          {asked === 'abort'
            ? t('runs.abortText', {
                running: number(run.counts.running),
                queued: number(run.counts.queued),
              })
            : t('runs.rerunText', { module: run.module, count: hosts, hosts: number(hosts) })}
        </p>
        {mustType && (
          <div>
            {t('runs.typeCount', { hosts })}
            <Input
              aria-label={t('runs.typeCount', { hosts })}
              value={typed}
              inputMode="numeric"
              onChange={(event) => setTyped(event.target.value)}
            />
          </div>
        )}
      </Modal>
    </>
  )
}
