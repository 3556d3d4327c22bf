// Answer clusters: hosts that said the same fold into one, and each cluster shows how it differs from the majority.

import { type AnswerClusterView, runRoutes } from '@omserver/api'
import { type EndReason, endAdvice } from '@omserver/core'
import { Button, Segmented, Spin } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { HostStatusMark } from '../status/index.ts'
import { EmptyState } from '../ui/index.ts'
import style from './runs.module.css'

const Difference = lazy(async () => ({ default: (await import('./difference.tsx')).Difference }))

interface Props {
  readonly runId: string
  readonly moving: boolean
  readonly onAnswer: (answer: string) => void
  readonly onState: (state: string) => void
  readonly onOpen: (hostId: string) => void
}

export const AnswersView = ({ runId, moving, onAnswer, onState, onOpen }: Props) => {
  const { t, say, number } = useTexts()
  const [mode, setMode] = useState<'diff' | 'text'>('diff')
  const answers = useAnswer(
    runRoutes.answers,
    { params: { id: runId } },
    { ...(moving ? { every: 1500 } : {}), staleTime: 0, keepLast: true },
  )
  if (answers.data === undefined) return <Spin className={style.waiting} />
  const { clusters, silent, more, waiting } = answers.data
  const [majority, ...others] = clusters
  if (clusters.length === 0 && silent.length === 0) {
    return (
      <EmptyState
        small
        title={waiting > 0 ? t('runs.noAnswerYet', { count: waiting }) : t('runs.noAnswer')}
      />
    )
  }
  return (
    <div className={style.clusters}>
      {others.length > 0 && (
        <div className={style.clustersHead}>
          <span>{t('runs.clusterCount', { count: clusters.length + more })}</span>
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
        </div>
      )}
      {clusters.map((cluster, index) => (
        <section key={`${cluster.answer}${cluster.state}`} className={style.cluster} data-row>
          <header className={style.clusterHead}>
            <HostStatusMark state={cluster.state} />
            <strong className={style.figure}>
              {index === 0 && others.length > 0
                ? t('runs.majority', { hosts: number(cluster.hosts) })
                : t('runs.hosts', { count: cluster.hosts, hosts: number(cluster.hosts) })}
            </strong>
            {cluster.exit !== null && (
              <span className={style.soft}>{t('runs.exit', { exit: cluster.exit })}</span>
            )}
            <Names cluster={cluster} />
            <span className={style.clusterActions}>
              <Button size="small" onClick={() => onOpen(cluster.sample.hostId)}>
                {t('runs.openHost', { name: cluster.sample.name })}
              </Button>
              <Button size="small" onClick={() => onAnswer(cluster.answer)}>
                {t('runs.onlyThese')}
              </Button>
            </span>
          </header>
          {index > 0 && majority !== undefined && mode === 'diff' ? (
            <Suspense>
              <Difference from={majority.sample.output} to={cluster.sample.output} />
            </Suspense>
          ) : (
            <pre className={style.output} tabIndex={0}>
              {cluster.sample.output || <span className={style.soft}>{t('runs.emptyOutput')}</span>}
            </pre>
          )}
        </section>
      ))}
      {more > 0 && <p className={style.soft}>{t('runs.moreClusters', { count: more })}</p>}
      {silent.map((group) => {
        const advice = group.reason === null ? undefined : endAdvice[group.reason as EndReason]
        return (
          <section key={`${group.state}${group.reason}`} className={style.cluster} data-row>
            <header className={style.clusterHead}>
              <HostStatusMark state={group.state} />
              <strong className={style.figure}>
                {t('runs.hosts', { count: group.hosts, hosts: number(group.hosts) })}
              </strong>
              {advice !== undefined && <span>{say(advice.title)}</span>}
              <span className={style.names}>
                {group.names.slice(0, 12).join(', ')}
                {group.hosts > 12 ? ' …' : ''}
              </span>
              <span className={style.clusterActions}>
                <Button size="small" onClick={() => onState(group.state)}>
                  {t('runs.onlyThese')}
                </Button>
              </span>
            </header>
            {group.message !== null && <pre className={style.output}>{group.message}</pre>}
            {advice !== undefined && <p className={style.advice}>{say(advice.advice)}</p>}
          </section>
        )
      })}
    </div>
  )
}

const Names = ({ cluster }: { readonly cluster: AnswerClusterView }) => {
  const shown = cluster.names.slice(0, 12)
  return (
    <span className={style.names} title={cluster.names.join(', ')}>
      {shown.join(', ')}
      {cluster.hosts > shown.length ? ' …' : ''}
    </span>
  )
}
