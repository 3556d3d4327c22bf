// The steps of one host: which of how many, how each ended, how long it took, whether it changed something.

import { type HostResultView, runRoutes } from '@omserver/api'
import { useEffect } from 'react'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { HostStatusMark } from '../status/index.ts'
import { clockText } from './clock.ts'
import style from './host-steps.module.css'
import { type StepRow, stepReached, stepRows } from './step-rows.ts'

const EVERY_MS = 1_000

interface Props {
  readonly runId: string
  readonly row: HostResultView
}

/** Nothing for an action that is one command. */
export const HostSteps = ({ runId, row }: Props) => {
  const { t } = useTexts()
  const input = {
    params: { id: runId, hostId: row.hostId },
    query: { attempt: row.attempt },
  }
  const { data, refetch } = useAnswer(runRoutes.steps, input)
  const many = (data?.names.length ?? 0) > 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: read again when the host comes into another state
  useEffect(() => {
    if (!many) return
    void refetch()
    if (row.state !== 'running') return
    const timer = setInterval(() => void refetch(), EVERY_MS)
    return () => clearInterval(timer)
  }, [many, row.state, row.attempt])
  if (data === undefined || !many) return null
  const rows = stepRows(data.names, data.steps, row)
  return (
    <section className={style.steps}>
      <h3 className={style.heading}>
        {t('runs.stepAt', { at: stepReached(rows), count: rows.length })}
      </h3>
      <ol className={style.list}>
        {rows.map((each) => (
          <Step key={each.index} row={each} />
        ))}
      </ol>
    </section>
  )
}

const Step = ({ row: { name, state, step } }: { readonly row: StepRow }) => {
  const { t } = useTexts()
  return (
    <li className={state === null ? style.unreached : undefined}>
      <span className={style.name}>{name}</span>
      {state === null ? <span>{t('runs.stepUnreached')}</span> : <HostStatusMark state={state} />}
      {state === 'skipped' && <span className={style.soft}>{t('runs.stepWhen')}</span>}
      {step != null && step.exit !== null && (
        <span className={style.soft}>{t('runs.exit', { exit: step.exit })}</span>
      )}
      {step != null && step.durationMs !== null && (
        <span className={style.soft}>{clockText(step.durationMs)}</span>
      )}
      {step != null && step.changed !== null && (
        <span className={style.soft}>{step.changed ? t('runs.changed') : t('runs.unchanged')}</span>
      )}
    </li>
  )
}
