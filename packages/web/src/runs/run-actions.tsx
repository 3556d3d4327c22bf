// What can be done with a run now. Buttons say what they do and to how many hosts.

import { type HostResultView, type RunView, runRoutes } from '@omserver/api'
import { type HostState, hostStates, isRunEnd } from '@omserver/core'
import { useNavigate } from '@tanstack/react-router'
import { App, Button, Dropdown, Input, type MenuProps, Modal, Space } from 'antd'
import { useState } from 'react'
import { client, errorMessage, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import style from './runs.module.css'

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

export const RunActions = ({ run, rows }: Props) => {
  const { t, number, lang } = useTexts()
  const { message } = App.useApp()
  const navigate = useNavigate()
  const [asked, setAsked] = useState<'abort' | Which>()
  const [typed, setTyped] = useState('')
  const abort = useChange(runRoutes.abort, ['runs.'])
  const rerun = useChange(runRoutes.rerun, ['runs.'])
  const ended = isRunEnd(run.state)
  const failed = run.total - run.counts.ok
  const left = run.counts.queued + run.counts.running

  const fail = (error: Error) => message.error(errorMessage(error, lang).text)
  const copyAddresses = async () => {
    const bad = rows.filter(
      (row) => row.state !== 'ok' && row.state !== 'queued' && row.state !== 'running',
    )
    await navigator.clipboard.writeText(bad.map((row) => row.address).join('\n'))
    void message.success(t('runs.copied', { count: bad.length }))
  }
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
          void navigate({ to: `/runs/${next.id}` as never })
        },
      },
    )
  }
  const hosts = asked === undefined || asked === 'abort' ? left : countOf(run, asked)
  const mustType = asked !== undefined && asked !== 'abort' && hosts > 20
  const buckets: MenuProps['items'] = [
    { key: 'all', label: t('runs.rerunAll', { hosts: number(run.total) }) },
    ...hostStates
      .filter((state) => state !== 'queued' && state !== 'running' && run.counts[state] > 0)
      .map((state) => ({
        key: state,
        label: t('runs.rerunState', {
          state: t(`status.host.${state}`),
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
    <Space wrap className={style.actions}>
      {!ended && (
        <Button
          danger
          type="primary"
          disabled={!run.may.abort}
          title={run.may.abort ? undefined : t('runs.mayNotSteer')}
          onClick={() => setAsked('abort')}
        >
          {t('runs.abort')}
        </Button>
      )}
      {ended && failed > 0 && (
        <Button
          type="primary"
          disabled={!run.may.rerun}
          title={run.may.rerun ? undefined : t('runs.mayNotSteer')}
          onClick={() => setAsked('failed')}
        >
          {t('runs.rerunFailed', { hosts: number(failed) })}
        </Button>
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
      <Button onClick={() => navigate({ to: '/launch', search: { from: run.id } as never })}>
        {t('runs.relaunch')}
      </Button>
      {failed - left > 0 && (
        <Button onClick={() => void copyAddresses()}>{t('runs.copyFailed')}</Button>
      )}
      <Dropdown menu={{ items: downloads, onClick: ({ key }) => exportAs(key) }}>
        <Button>{t('runs.export')}</Button>
      </Dropdown>
      <Modal
        open={asked !== undefined}
        title={asked === 'abort' ? t('runs.abortTitle') : t('runs.rerunTitle')}
        okText={
          asked === 'abort'
            ? t('runs.abortOk', { hosts: number(hosts) })
            : t('runs.rerunOk', { hosts: number(hosts) })
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
            : t('runs.rerunText', { module: run.module, hosts: number(hosts) })}
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
    </Space>
  )
}
