// One host: how to reach it, what it is, whether its key is still its own, and what ran on it.

import { type AnswerOf, type HostView, hostRoutes, runRoutes, trustRoutes } from '@omserver/api'
import { foldNames } from '@omserver/core'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { Alert, Button } from 'antd'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { errorMessage, isCode, useAnswer, useChange } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { useMay } from '../session/index.ts'
import { HostStatusMark, RunStatusMark } from '../status/index.ts'
import {
  ActionButton,
  ConfirmByTyping,
  CopyButton,
  type DataColumn,
  DataTable,
  EmptyState,
  ErrorNotice,
  LabelTags,
  LoadingLines,
  PageHeader,
  RelativeTime,
  toast,
} from '../ui/index.ts'
import { ChangedKeyDialog } from './changed-key-dialog.tsx'
import style from './host-page.module.css'

const HostFormDrawer = lazy(async () => ({
  default: (await import('./host-form-drawer.tsx')).HostFormDrawer,
}))

const Fact = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <div className={style.fact}>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)

const Facts = ({ host }: { readonly host: HostView }) => {
  const { t } = useTexts()
  return (
    <dl className={style.facts}>
      <Fact name={t('hosts.column.address')}>
        <span className="om-code">
          {host.address}
          {host.driver === 'ssh' ? `:${host.port}` : ''}
        </span>
        <CopyButton text={host.address} label={t('hosts.copyAddress')} />
      </Fact>
      <Fact name={t('hosts.column.outerAddress')}>
        {host.outerAddress === null ? (
          <span className="om-faint">–</span>
        ) : (
          <span className="om-code">{host.outerAddress}</span>
        )}
      </Fact>
      <Fact name={t('hosts.column.driver')}>{t(`hosts.driver.${host.driver}`)}</Fact>
      {host.driver === 'ssh' ? (
        <>
          <Fact name={t('hosts.credential')}>
            {host.credentialName ?? <span className="om-warning">{t('hosts.credentialNone')}</span>}
          </Fact>
          <Fact name={t('hosts.jump')}>
            {host.jumpHostId === null ? (
              <span className="om-faint">{t('hosts.direct')}</span>
            ) : (
              <Link to="/hosts/$hostId" params={{ hostId: host.jumpHostId }}>
                {host.jumpHostName}
              </Link>
            )}
          </Fact>
          <Fact name={t('hosts.key')}>
            {host.hostKey === null ? (
              <span className="om-faint">{t('hosts.keyUnseen')}</span>
            ) : (
              <span className="om-code om-breakable">
                {host.hostKey.type} {host.hostKey.fingerprint}
              </span>
            )}
          </Fact>
        </>
      ) : null}
      <Fact name={t('hosts.encoding')}>{(host.encoding ?? 'utf-8').toUpperCase()}</Fact>
      <Fact name={t('hosts.labels')}>
        <LabelTags labels={host.labels} />
      </Fact>
      <Fact name={t('hosts.updated')}>
        <RelativeTime at={host.updatedAt} />
      </Fact>
    </dl>
  )
}

type RunRow = AnswerOf<typeof runRoutes.list>['items'][number]

const Runs = ({ host }: { readonly host: HostView }) => {
  const { t, say, number } = useTexts()
  const runs = useAnswer(
    runRoutes.list,
    { query: { hostId: host.id, limit: 30 } },
    { every: 15_000 },
  )
  const columns: readonly DataColumn<RunRow>[] = [
    {
      key: 'module',
      title: t('hosts.runs.module'),
      lead: true,
      render: (run) => (
        <Link to="/runs/$id" params={{ id: run.id }} search={{ host: host.id }}>
          {say(run.moduleTitle)}
        </Link>
      ),
    },
    {
      key: 'here',
      title: t('hosts.runs.here'),
      render: (run) =>
        run.host === undefined ? (
          <span className="om-faint">–</span>
        ) : (
          <span className="om-row">
            <HostStatusMark state={run.host.state} />
            {run.host.exit === null || run.host.exit === 0 ? null : (
              <span className="om-soft">
                {t(run.host.state === 'ok' ? 'hosts.runs.okExit' : 'hosts.runs.exit', {
                  exit: run.host.exit,
                })}
              </span>
            )}
          </span>
        ),
    },
    {
      key: 'state',
      title: t('hosts.runs.state'),
      render: (run) => (
        <span className="om-row">
          <RunStatusMark state={run.state} />
          <span className="om-soft">
            {t('hosts.runs.okOf', { ok: number(run.counts.ok), total: number(run.total) })}
          </span>
        </span>
      ),
    },
    { key: 'by', title: t('hosts.runs.by'), render: (run) => run.startedBy },
    { key: 'at', title: t('hosts.runs.at'), render: (run) => <RelativeTime at={run.createdAt} /> },
  ]
  if (runs.isPending) return <LoadingLines />
  const items = runs.data?.items ?? []
  return (
    <>
      <ErrorNotice error={runs.error} onRetry={() => void runs.refetch()} />
      {runs.data !== undefined && items.length === 0 ? (
        <EmptyState small title={t('hosts.runs.none')} />
      ) : (
        <DataTable
          label={t('hosts.runs.title')}
          columns={columns}
          rows={items}
          rowKey={({ id }) => id}
        />
      )}
    </>
  )
}

const Actions = ({ host }: { readonly host: HostView }) => {
  const { t, lang } = useTexts()
  const navigate = useNavigate()
  const write = useMay('host.write')
  const launch = useMay('run.launch')
  const [open, setOpen] = useState<'edit' | 'remove' | undefined>()
  const check = useChange(trustRoutes.check, ['runs.'])
  const remove = useChange(hostRoutes.remove, ['hosts.', 'groups.'])
  const selector = foldNames([host.name])
  const close = () => setOpen(undefined)
  return (
    <>
      <ActionButton
        type="primary"
        blocked={launch.why}
        onClick={() => void navigate({ to: '/launch', search: { selector } })}
      >
        {t('hosts.runHere')}
      </ActionButton>
      <ActionButton
        blocked={launch.why}
        loading={check.isPending}
        onClick={() =>
          check.mutate(
            { body: { selector } },
            {
              onSuccess: ({ id }) => void navigate({ to: '/runs/$id', params: { id } }),
              onError: (error) => toast.error(errorMessage(error, lang).text),
            },
          )
        }
      >
        {t('hosts.checkHere')}
      </ActionButton>
      <ActionButton blocked={write.why} onClick={() => setOpen('edit')}>
        {t('ui.edit')}
      </ActionButton>
      <ActionButton danger blocked={write.why} onClick={() => setOpen('remove')}>
        {t('ui.delete')}
      </ActionButton>
      <Suspense>{open === 'edit' ? <HostFormDrawer host={host} onClose={close} /> : null}</Suspense>
      {open === 'remove' ? (
        <ConfirmByTyping
          title={t('hosts.remove.one', { name: host.name })}
          expected={host.name}
          action={t('ui.delete')}
          busy={remove.isPending}
          error={remove.error}
          onClose={close}
          onConfirm={() =>
            remove.mutate(
              { body: { selector, count: 1 } },
              { onSuccess: () => void navigate({ to: '/hosts', search: {} }) },
            )
          }
        >
          {t('hosts.remove.body')}
        </ConfirmByTyping>
      ) : null}
    </>
  )
}

export const HostPage = () => {
  const { t } = useTexts()
  const { hostId } = useParams({ from: '/hosts/$hostId' })
  const answer = useAnswer(hostRoutes.show, { params: { id: hostId } }, { every: 30_000 })
  const write = useMay('host.write')
  const navigate = useNavigate()
  const [comparing, setComparing] = useState(false)
  const back = { to: '/hosts', label: t('hosts.title') } as const
  const host = answer.data
  if (host === undefined) {
    if (isCode(answer.error, 'HOST_UNKNOWN')) {
      return (
        <>
          <PageHeader title={t('hosts.gone.title')} note={t('hosts.gone.body')} />
          <Button type="primary" onClick={() => void navigate({ to: '/hosts', search: {} })}>
            {t('hosts.all')}
          </Button>
        </>
      )
    }
    return (
      <>
        <PageHeader title={hostId} back={back} />
        {answer.error === null ? (
          <LoadingLines />
        ) : (
          <ErrorNotice error={answer.error} onRetry={() => void answer.refetch()} />
        )}
      </>
    )
  }
  return (
    <>
      <PageHeader title={host.name} back={back} actions={<Actions host={host} />} />
      {host.changedKey === null ? null : (
        <Alert
          type="error"
          showIcon
          className={style.alert}
          title={t('hosts.keyAlert.title')}
          description={t('hosts.keyAlert.body')}
          action={
            write.allowed ? (
              <Button danger size="small" onClick={() => setComparing(true)}>
                {t('hosts.keyAlert.compare')}
              </Button>
            ) : undefined
          }
        />
      )}
      <div className={style.columns}>
        <section className="om-card">
          <h2 className={style.heading}>{t('hosts.facts')}</h2>
          <Facts host={host} />
        </section>
        <section>
          <h2 className={style.heading}>{t('hosts.runs.title')}</h2>
          <Runs host={host} />
        </section>
      </div>
      {comparing && host.changedKey !== null ? (
        <ChangedKeyDialog host={host} onClose={() => setComparing(false)} />
      ) : null}
    </>
  )
}
