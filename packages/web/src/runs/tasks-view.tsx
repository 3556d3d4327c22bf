// The tasks of a run over all hosts: what failed, where and why; then what changed something, and on how many.

import { type AnswerOf, runRoutes } from '@omserver/api'
import { Button } from 'antd'
import { useAnswer } from '../api/index.ts'
import { useTexts } from '../i18n/index.ts'
import { ErrorNotice, LoadingLines } from '../ui/index.ts'
import style from './host-steps.module.css'

const EVERY_MS = 2_000

type Task = AnswerOf<typeof runRoutes.tasks>['tasks'][number]

interface Props {
  readonly runId: string
  readonly moving: boolean
  readonly onOpen: (hostId: string) => void
}

export const TasksView = ({ runId, moving, onOpen }: Props) => {
  const { t } = useTexts()
  const { data, error } = useAnswer(
    runRoutes.tasks,
    { params: { id: runId } },
    { every: moving ? EVERY_MS : undefined },
  )
  if (data === undefined) return error === null ? <LoadingLines /> : <ErrorNotice error={error} />
  const failed = data.tasks.filter((task) => task.failed > 0)
  const changed = data.tasks.filter((task) => task.changed > 0)
  if (data.tasks.length === 0) return <p className={style.soft}>{t('runs.noTasks')}</p>
  return (
    <>
      {failed.length > 0 && (
        <section className={style.steps}>
          <h3 className={style.heading}>{t('runs.failedTasks')}</h3>
          <ul className={style.list}>
            {failed.map((task) => (
              <Failed key={`${task.index} ${task.name}`} task={task} onOpen={onOpen} />
            ))}
          </ul>
        </section>
      )}
      {changed.length > 0 && (
        <section className={style.steps}>
          <h3 className={style.heading}>{t('runs.changedTasks')}</h3>
          <ul className={style.list}>
            {changed.map((task) => (
              <li key={`${task.index} ${task.name}`}>
                <span className={style.name}>{task.name}</span>
                <span className={style.soft}>{t('runs.taskHosts', { count: task.changed })}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

const Failed = ({ task, onOpen }: { readonly task: Task; readonly onOpen: Props['onOpen'] }) => {
  const { t } = useTexts()
  const more = task.failed - new Set(task.failures.map(({ hostId }) => hostId)).size
  return (
    <li>
      <span className={style.name}>{task.name}</span>
      <span className={style.soft}>{t('runs.taskHosts', { count: task.failed })}</span>
      <ul className={style.items}>
        {task.failures.map(({ hostId, host, item, message }, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two items of one host may have one name
          <li key={`${hostId} ${place}`}>
            <Button size="small" type="link" onClick={() => onOpen(hostId)}>
              {host}
            </Button>
            {item !== null && <code className={style.item}>{item}</code>}
            {message !== null && <span className={style.bad}>{message}</span>}
          </li>
        ))}
        {more > 0 && <li className={style.soft}>{t('runs.taskMore', { count: more })}</li>}
      </ul>
    </li>
  )
}
