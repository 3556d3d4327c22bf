// The steps of one host, or the tasks of its playbook: how each ended, how long it took, what it changed; while it runs,
// as they come.

import type { HostResultView, HostStepView } from '@omserver/api'
import { useTexts } from '../i18n/index.ts'
import { HostStatusMark } from '../status/index.ts'
import { clockText } from './clock.ts'
import style from './host-steps.module.css'
import { StepDiff } from './step-diff.tsx'
import { type StepRow, stepReached, stepRows } from './step-rows.ts'
import { type TaskRow, taskCounts, taskRows } from './task-rows.ts'
import { useSteps } from './use-steps.ts'

interface Props {
  readonly runId: string
  readonly row: HostResultView
}

/** Nothing for an action that is one command. */
export const HostSteps = ({ runId, row }: Props) => {
  const found = useSteps(runId, row)
  if (found === undefined || !found.told) return null
  if (found.names.length > 0) return <Steps rows={stepRows(found.names, found.steps, row)} />
  return <Tasks rows={taskRows(found.steps)} />
}

const Steps = ({ rows }: { readonly rows: readonly StepRow[] }) => {
  const { t } = useTexts()
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
      {step !== undefined && <Facts {...step} />}
      {step !== undefined && <News step={step} />}
    </li>
  )
}

const Tasks = ({ rows }: { readonly rows: readonly TaskRow[] }) => {
  const { t } = useTexts()
  if (rows.length === 0) return null
  const { changed, failed } = taskCounts(rows)
  const facts = [
    t('runs.tasks', { count: rows.length }),
    ...(changed > 0 ? [t('runs.tasksChanged', { count: changed })] : []),
    ...(failed > 0 ? [t('runs.tasksFailed', { count: failed })] : []),
  ]
  return (
    <section className={style.steps}>
      <h3 className={style.heading}>{facts.join(' · ')}</h3>
      <ol className={style.list}>
        {rows.map((row) => (
          <Task key={row.key} row={row} />
        ))}
      </ol>
    </section>
  )
}

const Task = ({ row }: { readonly row: TaskRow }) => (
  <li className={row.state === 'skipped' ? style.unreached : undefined}>
    <span className={style.name}>{row.name}</span>
    <HostStatusMark state={row.state} />
    <Facts exit={row.whole?.exit ?? null} durationMs={row.durationMs} changed={row.changed} />
    {row.whole !== undefined && <News step={row.whole} />}
    {row.items.length > 0 && (
      <ul className={style.items}>
        {row.items.map(({ key, step }) => (
          <li key={key}>
            <code className={style.item}>{step.item}</code>
            <HostStatusMark state={step.state} />
            <Facts {...step} />
            <News step={step} />
          </li>
        ))}
      </ul>
    )}
  </li>
)

const Facts = ({
  exit,
  durationMs,
  changed,
}: Pick<HostStepView, 'exit' | 'durationMs' | 'changed'>) => {
  const { t } = useTexts()
  return (
    <>
      {exit !== null && <span className={style.soft}>{t('runs.exit', { exit })}</span>}
      {durationMs !== null && <span className={style.soft}>{clockText(durationMs)}</span>}
      {changed !== null && (
        <span className={changed ? style.changed : style.soft}>
          {changed ? t('runs.changed') : t('runs.unchanged')}
        </span>
      )}
    </>
  )
}

const News = ({ step }: { readonly step: HostStepView }) => (
  <>
    {step.message !== null && (
      <div className={step.state === 'failed' ? style.bad : style.said}>{step.message}</div>
    )}
    {step.diff !== null && <StepDiff diff={step.diff} />}
  </>
)
