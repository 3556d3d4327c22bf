// Answer clusters: hosts that said the same fold into one. What went wrong comes first, with its own output; of what
// is right, each cluster shows how it differs from the most common.

import { type AnswerOf, runRoutes } from '@omserver/api'
import { type EndReason, endAdvice, endMessage } from '@omserver/core'
import { Button, Segmented, Spin } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { HostStatusMark } from '../status/index.ts'
import { EmptyState } from '../ui/index.ts'
import { worstFirst } from './answer-order.ts'
import style from './runs.module.css'

const Difference = lazy(async () => ({ default: (await import('./difference.tsx')).Difference }))

type Answers = AnswerOf<typeof runRoutes.answers>
type Cluster = Answers['clusters'][number]
type Silent = Answers['silent'][number]

interface Props {
  readonly runId: string
  readonly moving: boolean
  readonly onAnswer: (answer: string) => void
  readonly onState: (state: string) => void
  readonly onOpen: (hostId: string) => void
}

export const AnswersView = ({ runId, moving, onAnswer, onState, onOpen }: Props) => {
  const { t } = useTexts()
  const [mode, setMode] = useState<'diff' | 'text'>('diff')
  const answers = useAnswer(
    runRoutes.answers,
    { params: { id: runId } },
    { ...(moving ? { every: 1500 } : {}), staleTime: 0, keepLast: true },
  )
  if (answers.data === undefined) return <Spin className={style.waiting} />
  const { clusters, silent, mask, more, waiting } = answers.data
  if (clusters.length === 0 && silent.length === 0) {
    return (
      <EmptyState
        small
        title={waiting > 0 ? t('runs.noAnswerYet', { count: waiting }) : t('runs.noAnswer')}
      />
    )
  }
  const most = clusters.length > 1 ? clusters[0] : undefined
  const right = clusters.filter(({ state }) => state === 'ok')
  // An output that failed is not read as a departure from one that did not.
  const base = right.length > 1 ? right[0] : undefined
  const unseen = mask.filter((part) => part !== 'self')
  const groups = worstFirst([
    ...clusters.map((cluster) => ({ ...cluster, kind: 'answer' as const })),
    ...silent.map((group) => ({ ...group, kind: 'silent' as const })),
  ])
  return (
    <div className={style.clusters}>
      {(clusters.length > 1 || unseen.length > 0) && (
        <div className={style.clustersHead}>
          <span>
            {t('runs.clusterCount', { count: clusters.length + more })}
            {unseen.length > 0 && (
              <span className={style.soft}>
                {' · '}
                {t('runs.notCompared', {
                  what: unseen.map((part) => t(`runs.mask.${part}`)).join(t('runs.bucketBreak')),
                })}
              </span>
            )}
          </span>
          {base !== undefined && (
            <Segmented
              aria-label={t('runs.tabAnswers')}
              size="small"
              value={mode}
              onChange={(value) => setMode(value === 'text' ? 'text' : 'diff')}
              options={[
                { value: 'diff', label: t('runs.diffToMajority') },
                { value: 'text', label: t('runs.wholeOutput') },
              ]}
            />
          )}
        </div>
      )}
      {groups.map((group) =>
        group.kind === 'silent' ? (
          <SilentGroup
            key={`${group.state}${group.reason}${group.started}${group.leftRunning}${group.message}`}
            group={group}
            onState={onState}
          />
        ) : (
          <AnswerCluster
            key={`${group.answer}${group.state}`}
            cluster={group}
            majority={group.answer === most?.answer && group.state === most.state}
            masked={unseen.length > 0}
            onAnswer={onAnswer}
            onOpen={onOpen}
          >
            {group.state === 'ok' &&
            base !== undefined &&
            base.answer !== group.answer &&
            mode === 'diff' ? (
              <Suspense>
                <Difference from={base.sample} to={group.sample} mask={mask} />
              </Suspense>
            ) : (
              <pre className={style.output} tabIndex={0}>
                {group.sample.output || <span className={style.soft}>{t('runs.emptyOutput')}</span>}
              </pre>
            )}
          </AnswerCluster>
        ),
      )}
      {more > 0 && <p className={style.soft}>{t('runs.moreClusters', { count: more })}</p>}
    </div>
  )
}

interface ClusterProps {
  readonly cluster: Cluster
  readonly majority: boolean
  /** What is shown is one host's own: those of its cluster may differ from it in what was not compared. */
  readonly masked: boolean
  readonly onAnswer: (answer: string) => void
  readonly onOpen: (hostId: string) => void
  readonly children: React.ReactNode
}

const AnswerCluster = ({ cluster, majority, masked, onAnswer, onOpen, children }: ClusterProps) => {
  const { t, number } = useTexts()
  return (
    <section className={style.cluster} data-row>
      <header className={style.clusterHead}>
        <HostStatusMark state={cluster.state} />
        <strong className={style.figure}>
          {majority
            ? t('runs.majority', { hosts: number(cluster.hosts) })
            : t('runs.hosts', { count: cluster.hosts, hosts: number(cluster.hosts) })}
        </strong>
        {cluster.exit !== null && (
          <span className={style.soft}>{t('runs.exit', { exit: cluster.exit })}</span>
        )}
        {cluster.changed !== null && (
          <span className={style.soft}>
            {cluster.changed ? t('runs.changed') : t('runs.unchanged')}
          </span>
        )}
        <Reason of={cluster} />
        <Names names={cluster.names} hosts={cluster.hosts} />
        <span className={style.clusterActions}>
          <Button size="small" onClick={() => onOpen(cluster.sample.hostId)}>
            {t('runs.openHost', { name: cluster.sample.name })}
          </Button>
          <Button size="small" onClick={() => onAnswer(cluster.answer)}>
            {t('runs.onlyThese')}
          </Button>
        </span>
      </header>
      {masked && cluster.hosts > 1 && (
        <p className={style.sampleOf}>{t('runs.sampleOf', { name: cluster.sample.name })}</p>
      )}
      {children}
      {cluster.sample.truncated && (
        <p className={style.soft}>{t('runs.sampleCut', { bytes: cluster.sample.outputBytes })}</p>
      )}
      <Why of={cluster} />
    </section>
  )
}

const SilentGroup = ({
  group,
  onState,
}: {
  readonly group: Silent
  readonly onState: (state: string) => void
}) => {
  const { t, number } = useTexts()
  return (
    <section className={style.cluster} data-row>
      <header className={style.clusterHead}>
        <HostStatusMark state={group.state} />
        <strong className={style.figure}>
          {t('runs.hosts', { count: group.hosts, hosts: number(group.hosts) })}
        </strong>
        <Reason of={group} />
        {!group.started && stopped.has(group.state) && (
          <span className={style.soft}>{t('runs.neverStarted')}</span>
        )}
        {group.leftRunning !== null && group.leftRunning !== 'no' && (
          <span className={style.soft}>{t(`runs.leftRunning.${group.leftRunning}`)}</span>
        )}
        <Names names={group.names} hosts={group.hosts} />
        <span className={style.clusterActions}>
          <Button size="small" onClick={() => onState(group.state)}>
            {t('runs.onlyThese')}
          </Button>
        </span>
      </header>
      <Why of={group} />
    </section>
  )
}

/** Of these it is news whether anything was sent before they ended. */
const stopped: ReadonlySet<string> = new Set(['aborted', 'timedOut'])

interface End {
  readonly reason: string | null
  readonly message: string | null
  readonly sample?: { readonly output: string }
}

/** Of a command that ended by itself its output says why. */
const adviceOf = ({ reason }: End) =>
  reason === null || reason === 'exit' ? undefined : endAdvice[reason as EndReason]

const Reason = ({ of }: { readonly of: End }) => {
  const { say } = useTexts()
  const advice = adviceOf(of)
  return advice === undefined ? null : <span>{say(advice.title)}</span>
}

const Why = ({ of }: { readonly of: End }) => {
  const { say } = useTexts()
  const advice = adviceOf(of)
  const { message, reason, sample } = of
  const isNews = message !== null && reason !== 'exit' && !sample?.output.includes(message)
  return (
    <>
      {isNews && <pre className={style.output}>{say(endMessage(message))}</pre>}
      {advice !== undefined && <p className={style.advice}>{say(advice.advice)}</p>}
    </>
  )
}

const SHOWN_NAMES = 12

const Names = ({ names, hosts }: { readonly names: readonly string[]; readonly hosts: number }) => {
  const shown = names.slice(0, SHOWN_NAMES)
  return (
    <span className={style.names} title={names.join(', ')}>
      {shown.join(', ')}
      {hosts > shown.length ? ' …' : ''}
    </span>
  )
}
