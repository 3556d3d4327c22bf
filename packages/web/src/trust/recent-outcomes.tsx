// How the last checks or key hand-outs went: the number that worked, and the rest by reason with what to do.

import { type AnswerOf, type RunView, runRoutes } from '@omserver/api'
import { isRunEnd } from '@omserver/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { Button, Progress } from 'antd'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { HostStatusMark, RunStatusMark } from '../status/index.ts'
import { EmptyState, ErrorNotice, RelativeTime } from '../ui/index.ts'
import { reasonsOf } from './reasons.ts'
import style from './trust.module.css'

type Silent = AnswerOf<typeof runRoutes.answers>['silent']
const noneSilent: Silent = []

const Outcome = ({ run, open }: { readonly run: RunView; readonly open: boolean }) => {
  const { t, number } = useTexts()
  const navigate = useNavigate()
  const ended = isRunEnd(run.state)
  const bad = run.total - run.counts.ok - run.counts.queued - run.counts.running
  const answers = useAnswer(
    runRoutes.answers,
    { params: { id: run.id }, query: { limit: 50 } },
    { enabled: open && bad > 0, ...(ended ? { staleTime: 600_000 } : { every: 2_000 }) },
  )
  const reasons = reasonsOf(answers.data?.silent ?? noneSilent, answers.data?.clusters ?? [])
  const done = run.total - run.counts.queued - run.counts.running
  return (
    <article className={`om-card ${style.outcome}`}>
      <div className={style.head}>
        <span className="om-row">
          <span className={style.number}>
            {t('trust.outcome', { ok: number(run.counts.ok), total: number(run.total) })}
          </span>
          <RunStatusMark state={run.state} />
        </span>
        <span className="om-soft">
          {run.startedBy} · <RelativeTime at={run.createdAt} />
        </span>
      </div>
      {ended ? null : (
        <Progress
          percent={Math.floor((done / Math.max(run.total, 1)) * 100)}
          size="small"
          aria-label={t('trust.progress')}
        />
      )}
      {open && reasons.length > 0 ? (
        <ul className={style.reasons}>
          {reasons.map(({ state, reason, hosts, names, message }) => (
            <li key={`${state} ${reason}`} className={style.reason}>
              <span>
                <HostStatusMark state={state} /> {number(hosts)}
              </span>
              <span>
                <strong>{t(`trust.reason.${reason}.what`)}</strong>{' '}
                <span className={style.advice}>{t(`trust.reason.${reason}.do`)}</span>
                {message === null ? null : <div className="om-breakable om-faint">{message}</div>}
                <div className={style.names}>
                  {names.slice(0, 10).join(' ')}
                  {hosts > 10 ? ` … ${t('hosts.andMore', { count: hosts - 10 })}` : ''}
                </div>
              </span>
            </li>
          ))}
        </ul>
      ) : null}
      <div className="om-row" style={{ marginTop: 10 }}>
        <Link to="/runs/$id" params={{ id: run.id }}>
          {t('trust.openRun')}
        </Link>
        {ended && bad > 0 ? (
          <Button
            size="small"
            onClick={() =>
              void navigate({
                to: '/runs/$id',
                params: { id: run.id },
                search: {
                  view: 'hosts',
                  state: 'failed,unreachable,timedOut,skipped,aborted,lost',
                },
              })
            }
          >
            {t('trust.showBad', { count: bad })}
          </Button>
        ) : null}
      </div>
    </article>
  )
}

export const RecentOutcomes = ({ module }: { readonly module: string }) => {
  const { t } = useTexts()
  const runs = useAnswer(runRoutes.list, { query: { module, limit: 5 } }, { every: 3_000 })
  const items = runs.data?.items ?? []
  return (
    <section aria-live="polite">
      <h2 className={style.heading}>{t('trust.recent')}</h2>
      <ErrorNotice error={runs.error} onRetry={() => void runs.refetch()} />
      {runs.data !== undefined && items.length === 0 ? (
        <EmptyState small title={t('trust.none')} />
      ) : (
        items.map((run, index) => <Outcome key={run.id} run={run} open={index === 0} />)
      )}
    </section>
  )
}
