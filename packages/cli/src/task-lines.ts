// Which tasks failed, and which changed something, over all hosts of a run: what a person asks of a playbook first.

import { type AnswerOf, type Client, runRoutes } from '@omserver/api'
import { hostCount } from './counts.ts'
import { say } from './lang.ts'
import { bold, dim, red, yellow } from './terminal.ts'

type Task = AnswerOf<typeof runRoutes.tasks>['tasks'][number]

export const taskLines = (tasks: readonly Task[]): readonly string[] => {
  const failed = tasks.filter((task) => task.failed > 0)
  const changed = tasks.filter((task) => task.changed > 0)
  return [
    ...(failed.length === 0 ? [] : ['', bold(say({ zh: '失败的任务', en: 'Failed tasks' }))]),
    ...failed.flatMap(failedLines),
    ...(changed.length === 0 ? [] : ['', bold(say({ zh: '有变更的任务', en: 'Changed by' }))]),
    ...changed.map((task) => `  ${yellow('~')} ${task.name}  ${dim(hostCount(task.changed))}`),
  ]
}

const failedLines = ({ name, failed, failures }: Task): string[] => {
  const told = failures.map(({ host, item, message }) => {
    const where = item === null ? host : `${host} (${item})`
    return `      ${where}${message === null ? '' : `: ${message}`}`
  })
  const hosts = new Set(failures.map(({ hostId }) => hostId)).size
  const more = failed - hosts
  return [
    `  ${red('✗')} ${name}  ${dim(hostCount(failed))}`,
    ...told,
    ...(more > 0 ? [dim(`      ${say({ zh: `另有 ${more} 台`, en: `and ${more} more` })}`)] : []),
  ]
}

export const readTaskLines = async (client: Client, runId: string): Promise<readonly string[]> =>
  taskLines((await client.call(runRoutes.tasks, { params: { id: runId } })).tasks)
