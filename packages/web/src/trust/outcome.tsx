// How one check, one handing out or one rotation went: the number first, its steps, and why hosts failed.

import { type RunView, runRoutes } from '@omserver/api'
import { endMessage, isRunEnd } from '@omserver/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { Button, Progress } from 'antd'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { HostStatusMark, RunStatusMark } from '../status/index.ts'
import { RelativeTime } from '../ui/index.ts'
import { reasonsOf } from './reasons.ts'
import { type Attempt, stepName } from './steps.ts'
import style from './trust.module.css'

const badOf = ({ total, counts }: RunView): number =>
  total - counts.ok - counts.queued - counts.running

const Reasons = ({ run }: { readonly run: RunView }) => {
  const { t, number, say } = useTexts()
  const answers = useAnswer(
    runRoutes.answers,
    { params: { id: run.id }, query: { limit: 50 } },
    isRunEnd(run.state) ? { staleTime: 600_000 } : { every: 2_000 },
  )
  const reasons = reasonsOf(answers.data?.silent ?? [], answers.data?.clusters ?? [])
  if (reasons.length === 0) return null
  return (
    <ul className={style.reasons}>
      {reasons.map(({ state, reason, hosts, names, message }) => (
        <li key={`${state} ${reason}`} className={style.reason}>
          <span>
            <HostStatusMark state={state} /> {number(hosts)}
          </span>
          <span>
            <strong>{t(`trust.reason.${reason}.what`)}</strong>{' '}
            <span className={style.advice}>{t(`trust.reason.${reason}.do`)}</span>
            {message === null ? null : (
              <div className="om-breakable om-faint">{say(endMessage(message))}</div>
            )}
            <div className={style.names}>
              {names.slice(0, 10).join(' ')}
              {hosts > 10 ? ` … ${t('hosts.andMore', { count: hosts - 10 })}` : ''}
            </div>
          </span>
        </li>
      ))}
    </ul>
  )
}

const Step = ({ run }: { readonly run: RunView }) => {
  const { t, number } = useTexts()
  return (
    <li>
      <RunStatusMark state={run.state} />
      <Link to="/runs/$id" params={{ id: run.id }}>
        {t(`trust.step.${stepName(run.module)}`)}
      </Link>
      <span className="om-soft">
        {t('trust.outcome', { ok: number(run.counts.ok), total: number(run.total) })}
      </span>
    </li>
  )
}

export const Outcome = ({
  attempt,
  open,
}: {
  readonly attempt: Attempt
  readonly open: boolean
}) => {
  const { t, number } = useTexts()
  const navigate = useNavigate()
  const { first, steps, told } = attempt
  const last = steps.at(-1) ?? first
  const ended = isRunEnd(last.state)
  const worst = steps.find((run) => badOf(run) > 0)
  const done = last.total - last.counts.queued - last.counts.running
  return (
    <article className={`om-card ${style.outcome}`}>
      <div className={style.head}>
        <span className="om-row">
          <span className={style.number}>
            {t('trust.outcome', { ok: number(told.counts.ok), total: number(first.total) })}
          </span>
          <RunStatusMark state={worst?.state ?? last.state} />
        </span>
        <span className="om-soft">
          {first.startedBy} · <RelativeTime at={first.createdAt} />
        </span>
      </div>
      {ended ? null : (
        <Progress
          percent={Math.floor((done / Math.max(last.total, 1)) * 100)}
          size="small"
          aria-label={t('trust.progress')}
        />
      )}
      {steps.length > 1 ? (
        <ol className={style.steps}>
          {steps.map((run) => (
            <Step key={run.id} run={run} />
          ))}
        </ol>
      ) : null}
      {open
        ? steps.filter((run) => badOf(run) > 0).map((run) => <Reasons key={run.id} run={run} />)
        : null}
      <div className="om-row" style={{ marginTop: 10 }}>
        {steps.length > 1 ? null : (
          <Link to="/runs/$id" params={{ id: first.id }}>
            {t('trust.openRun')}
          </Link>
        )}
        {ended && worst !== undefined ? (
          <Button
            size="small"
            onClick={() =>
              void navigate({
                to: '/runs/$id',
                params: { id: worst.id },
                search: {
                  view: 'hosts',
                  state: 'failed,unreachable,timedOut,skipped,aborted,lost',
                },
              })
            }
          >
            {t('trust.showBad', { count: badOf(worst) })}
          </Button>
        ) : null}
      </div>
    </article>
  )
}
