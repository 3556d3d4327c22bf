// The steps of one host for a person: a line each, the ones not reached named as such.

import type { AnswerOf, runRoutes } from '@omserver/api'
import { say } from './lang.ts'
import { tableLines } from './terminal.ts'

const states = {
  ok: { zh: '成功', en: 'ok' },
  failed: { zh: '失败', en: 'failed' },
  skipped: { zh: '已跳过（条件不成立）', en: 'skipped (its condition did not hold)' },
} as const

/** None for an action that is one command. */
export const stepLines = (answer: AnswerOf<typeof runRoutes.steps>): readonly string[] => {
  if (answer.names.length === 0) return []
  const told = new Map(answer.steps.map((step) => [step.index, step]))
  const header = [
    say({ zh: '步骤', en: 'STEP' }),
    say({ zh: '状态', en: 'STATE' }),
    say({ zh: '退出码', en: 'EXIT' }),
    say({ zh: '用时', en: 'TOOK' }),
    say({ zh: '变更', en: 'CHANGED' }),
  ]
  return tableLines(
    header,
    answer.names.map((name, index) => {
      const step = told.get(index)
      const number = `${index + 1}/${answer.names.length} ${name}`
      if (!step) return [number, '-', '', '', '']
      return [
        number,
        say(states[step.state]),
        step.exit === null ? '' : String(step.exit),
        step.durationMs === null ? '' : `${(step.durationMs / 1000).toFixed(1)} s`,
        step.changed === null
          ? ''
          : say(step.changed ? { zh: '是', en: 'yes' } : { zh: '否', en: 'no' }),
      ]
    }),
  )
}
