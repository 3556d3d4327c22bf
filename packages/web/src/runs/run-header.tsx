// The head of a run: what ran, how it stands, by whom, where, and what can be done with it.

import type { HostResultView, RunDetail, RunView } from '@omserver/api'
import { Tag } from 'antd'
import { useTexts } from '../i18n/index.ts'
import { RunStatusMark } from '../status/index.ts'
import { PageHeader, RelativeTime } from '../ui/index.ts'
import { keyParameter } from './key-parameter.ts'
import { RunActions } from './run-actions.tsx'
import style from './runs.module.css'

interface Props {
  readonly run: RunView
  readonly rows: readonly HostResultView[]
  /** Of a run of playbooks: of which project, in which state. */
  readonly projects: RunDetail['projects']
}

export const RunHeader = ({ run, rows, projects }: Props) => {
  const { t, say } = useTexts()
  const key = keyParameter(run)
  return (
    <PageHeader
      back={{ to: '/runs', label: t('runs.history') }}
      title={say(run.moduleTitle)}
      extra={
        <>
          <span className={style.headState} role="status">
            <RunStatusMark state={run.state} />
          </span>
          {run.check && <Tag>{t('runs.checkMode')}</Tag>}
          {run.detached && <Tag title={t('runs.detachedWill')}>{t('runs.detachedTag')}</Tag>}
        </>
      }
      note={
        <span className={style.facts}>
          <code>{run.module}</code>
          {key !== '' && (
            <code className={style.runKey} title={key}>
              {key}
            </code>
          )}
          <span>{t('runs.by', { who: run.startedBy })}</span>
          <RelativeTime at={run.createdAt} />
          {run.begun && (
            <span>
              {t('runs.begunBy', { idc: run.begun.idc, client: run.begun.client })}{' '}
              <RelativeTime at={run.begun.at} />
            </span>
          )}
          <code className="om-breakable">{run.selector}</code>
          {projects.map(({ name, commit, sha256 }) => (
            <span key={`${name} ${sha256}`} className="om-breakable">
              {t('runs.project', { name })}{' '}
              <code>
                {commit === null
                  ? t('runs.projectArchive', { sha256: sha256.slice(0, 12) })
                  : t('runs.projectCommit', { commit: commit.slice(0, 12) })}
              </code>
            </span>
          ))}
          {run.note !== '' && <span className="om-breakable">“{run.note}”</span>}
        </span>
      }
      actions={<RunActions run={run} rows={rows} />}
    />
  )
}
