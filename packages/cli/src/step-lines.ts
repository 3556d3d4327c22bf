// The steps of one host for a person: a line each, the ones not reached named as such; then what they changed.

import { type AnswerOf, type Client, type HostStepView, runRoutes } from '@omserver/api'
import { say } from './lang.ts'
import { dim, green, red, tableLines } from './terminal.ts'

export interface HostSteps {
  readonly told: boolean
  readonly names: readonly string[]
  readonly steps: readonly HostStepView[]
}

/** All of them, in as many answers as it takes. */
export const readSteps = async (
  client: Client,
  runId: string,
  hostId: string,
): Promise<HostSteps> => {
  const steps: HostStepView[] = []
  let after: number | undefined
  for (;;) {
    const part: AnswerOf<typeof runRoutes.steps> = await client.call(runRoutes.steps, {
      params: { id: runId, hostId },
      query: { after },
    })
    steps.push(...part.steps)
    after = part.last ?? undefined
    if (!part.more) return { told: part.told, names: part.names, steps }
  }
}

const states = {
  ok: { zh: '成功', en: 'ok' },
  failed: { zh: '失败', en: 'failed' },
  skipped: { zh: '已跳过（条件不成立）', en: 'skipped (its condition did not hold)' },
} as const

/** None for an action that is one command. */
export const stepLines = ({ names, steps }: HostSteps): readonly string[] => {
  if (names.length === 0 && steps.length === 0) return []
  const header = [
    names.length === 0 ? say({ zh: '任务', en: 'TASK' }) : say({ zh: '步骤', en: 'STEP' }),
    say({ zh: '状态', en: 'STATE' }),
    say({ zh: '退出码', en: 'EXIT' }),
    say({ zh: '用时', en: 'TOOK' }),
    say({ zh: '变更', en: 'CHANGED' }),
  ]
  return [
    ...tableLines(header, names.length === 0 ? taskRows(steps) : stepRows(names, steps)),
    ...steps.flatMap(newsLines),
  ]
}

const stepRows = (names: readonly string[], steps: readonly HostStepView[]): string[][] => {
  const told = new Map(steps.map((step) => [step.index, step]))
  return names.map((name, index) => {
    const step = told.get(index)
    const number = `${index + 1}/${names.length} ${name}`
    return step ? [number, ...factsOf(step)] : [number, '-', '', '', '']
  })
}

const taskRows = (steps: readonly HostStepView[]): string[][] =>
  steps.map((step) => [titleOf(step), ...factsOf(step)])

const titleOf = ({ name, item }: HostStepView): string =>
  item === null ? name : `${name} (${item})`

const factsOf = (step: HostStepView): string[] => [
  say(states[step.state]),
  step.exit === null ? '' : String(step.exit),
  step.durationMs === null ? '' : `${(step.durationMs / 1000).toFixed(1)} s`,
  step.changed === null ? '' : say(step.changed ? { zh: '是', en: 'yes' } : { zh: '否', en: 'no' }),
]

/** What the tool said of a failure, and every diff. */
const newsLines = (step: HostStepView): string[] => {
  const message = step.state === 'failed' ? step.message : null
  if (message === null && step.diff === null) return []
  return [
    '',
    dim(`── ${titleOf(step)}`),
    ...(message === null ? [] : [red(message)]),
    ...(step.diff === null ? [] : step.diff.replace(/\n$/, '').split('\n').map(diffLine)),
  ]
}

const diffLine = (line: string): string =>
  line.startsWith('+') ? green(line) : line.startsWith('-') ? red(line) : line
