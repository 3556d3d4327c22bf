// The steps of one host in one attempt, and those of all hosts taken together.

import type { runRoutes } from '@omserver/api'
import { tellsSteps } from '@omserver/core'
import type { z } from 'zod'
import { viewOfStep } from './host-step.ts'
import { attemptOf } from './output.ts'
import type { RunReader } from './read.ts'
import type { RunRecord } from './run-record.ts'
import { countTasks, failuresOf, stepsOfHost } from './steps-table.ts'

type StepsAnswer = z.input<(typeof runRoutes)['steps']['answer']>
type TasksAnswer = z.input<(typeof runRoutes)['tasks']['answer']>

const STEPS_AN_ANSWER = 500
const TASKS = 500
const FAILURES_A_TASK = 5

const namesOf = ({ action }: Pick<RunRecord, 'action'>): string[] =>
  action?.kind === 'steps' ? action.steps.map(({ name }) => name) : []

const tells = ({ action }: Pick<RunRecord, 'action'>): boolean =>
  action !== null && tellsSteps(action)

export const readSteps = async (
  reader: RunReader,
  target: { readonly runId: string; readonly hostId: string },
  which: { readonly attempt?: number | undefined; readonly after?: number | undefined },
): Promise<StepsAnswer> => {
  const row = await attemptOf(reader, target, which.attempt)
  const run = await reader.record(target.runId)
  const key = { runId: target.runId, hostId: row.host_id, attempt: row.attempt }
  const found = tells(run)
    ? await stepsOfHost(reader.services.db, key, which.after ?? -1, STEPS_AN_ANSWER + 1)
    : []
  const steps = found.slice(0, STEPS_AN_ANSWER)
  return {
    hostId: row.host_id,
    name: row.name,
    attempt: row.attempt,
    told: tells(run),
    names: namesOf(run),
    steps: steps.map(viewOfStep),
    last: steps.at(-1)?.step ?? which.after ?? null,
    more: found.length > steps.length,
  }
}

export const readTasks = async (reader: RunReader, runId: string): Promise<TasksAnswer> => {
  const run = await reader.record(runId)
  if (!tells(run)) return { tasks: [] }
  const { db } = reader.services
  const tasks = await countTasks(db, runId, TASKS)
  const failed = tasks.filter((task) => task.failed > 0).map(({ index }) => index)
  const failures = Map.groupBy(
    await failuresOf(db, runId, failed, FAILURES_A_TASK * TASKS),
    ({ index, name }) => `${index} ${name}`,
  )
  return {
    tasks: tasks.map((task) => ({
      ...task,
      failures: (failures.get(`${task.index} ${task.name}`) ?? [])
        .slice(0, FAILURES_A_TASK)
        .map(({ hostId, host, item, message }) => ({ hostId, host, item, message })),
    })),
  }
}
