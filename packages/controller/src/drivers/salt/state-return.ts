// What a state run returned: one step for each state, a text for people, and how the host ended.

import type { HostEnd } from '@omserver/core'
import { z } from 'zod'
import type { ReportedStep } from '../../driver.ts'
import type { MinionReturn } from './salt-master.ts'
import { isTrimmed, TRIMMED_TEXT } from './trimmed.ts'

const stateSchema = z.object({
  __id__: z.string().optional(),
  __run_num__: z.number().optional(),
  name: z.unknown().optional(),
  /** null: in check mode, it would change something. */
  result: z.boolean().nullable(),
  changes: z.unknown().optional(),
  comment: z.unknown().optional(),
  duration: z.union([z.number(), z.string()]).optional(),
})
type StateResult = z.output<typeof stateSchema>

const progressSchema = z.object({ data: z.object({ ret: stateSchema }) })

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value, null, 2)

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (typeof value === 'object' && Object.keys(value).length === 0)

const diffOf = (changes: unknown): string | undefined => {
  if (isEmpty(changes)) return undefined
  const own = z.object({ diff: z.string() }).safeParse(changes)
  return own.success ? own.data.diff : textOf(changes)
}

const changedOf = ({ result, changes }: StateResult): boolean =>
  result === null || !isEmpty(changes)

/** `pkg_|-nginx_|-nginx_|-installed` → `pkg.installed` */
const functionOf = (key: string): string | undefined => {
  const parts = key.split('_|-')
  return parts.length < 4 ? undefined : `${parts[0]}.${parts.at(-1)}`
}

const millisecondsOf = (duration: StateResult['duration']): number | undefined => {
  const ms = typeof duration === 'string' ? Number.parseFloat(duration) : duration
  return ms === undefined || Number.isNaN(ms) ? undefined : Math.round(ms)
}

const nameOf = (state: StateResult): string => {
  const id = state.__id__ ?? ''
  const name = textOf(state.name)
  return id === '' || id === name ? name || '?' : name === '' ? id : `${id}: ${name}`
}

const NAME_CHARACTERS = 200
const MESSAGE_CHARACTERS = 500
const DIFF_CHARACTERS = 64_000

const stepOf = (state: StateResult): ReportedStep => {
  const diff = diffOf(state.changes)?.slice(0, DIFF_CHARACTERS)
  const message = textOf(state.comment).trim().slice(0, MESSAGE_CHARACTERS)
  const durationMs = millisecondsOf(state.duration)
  return {
    index: state.__run_num__ ?? 0,
    name: nameOf(state).slice(0, NAME_CHARACTERS),
    state: state.result === false ? 'failed' : 'ok',
    changed: changedOf(state),
    ...(diff === undefined ? {} : { diff }),
    ...(message === '' ? {} : { message }),
    ...(durationMs === undefined ? {} : { durationMs }),
  }
}

/** One state that has just ended; undefined: it is none. */
export const progressOf = (data: unknown): ReportedStep | undefined => {
  const read = progressSchema.safeParse(data)
  return read.success ? stepOf(read.data.data.ret) : undefined
}

export interface StateOutcome {
  readonly steps: readonly ReportedStep[]
  readonly text: string
  readonly end: HostEnd
}

const lineOf = (key: string, state: StateResult): string => {
  const mark = state.result === false ? '✗' : changedOf(state) ? '±' : '✓'
  const fun = functionOf(key)
  const head = `${mark} ${nameOf(state)}${fun === undefined ? '' : ` (${fun})`}`
  const rest = [textOf(state.comment).trim(), diffOf(state.changes) ?? '']
    .filter((part) => part !== '')
    .map((part) => `  ${part.trimEnd().replaceAll('\n', '\n  ')}`)
  return [head, ...rest].join('\n')
}

/** Salt said why it applied nothing: a file that is not there, that does not render, another run under way. */
const refusedOutcome = ({ value }: MinionReturn): StateOutcome => {
  const said = Array.isArray(value) ? value.map(textOf).join('\n') : textOf(value)
  const message = said.trim().split('\n').at(0) ?? ''
  const end: HostEnd = {
    state: 'failed',
    reason: 'exit',
    message: message === '' ? 'Salt applied no state' : message,
  }
  return { steps: [], text: said === '' ? '' : `${said.trimEnd()}\n`, end }
}

export const stateOutcome = (returned: MinionReturn): StateOutcome => {
  if (isTrimmed(returned.value) && returned.retcode === 0) {
    return { steps: [], text: '', end: { state: 'ok', message: TRIMMED_TEXT } }
  }
  const read = z.record(z.string(), stateSchema).safeParse(returned.value)
  if (!read.success) return refusedOutcome(returned)
  const states = Object.entries(read.data).toSorted(
    ([, a], [, b]) => (a.__run_num__ ?? 0) - (b.__run_num__ ?? 0),
  )
  const all = states.map(([, state]) => state)
  const failed = all.filter(({ result }) => result === false)
  const changed = all.filter(changedOf).length
  const summary = `states: ${all.length} · ok: ${all.length - failed.length} · failed: ${failed.length} · changed: ${changed}`
  const text = [...states.map(([key, state]) => lineOf(key, state)), '', summary, ''].join('\n')
  const steps = all.map(stepOf)
  const [first] = failed
  if (!first && returned.retcode === 0) {
    return { steps, text, end: { state: 'ok', changed: changed > 0 } }
  }
  const why = first ? `${nameOf(first)}: ${textOf(first.comment).trim()}` : 'Salt says it failed'
  const message = `${failed.length} of ${all.length} states failed: ${why}`
  return { steps, text, end: { state: 'failed', reason: 'exit', message, changed: changed > 0 } }
}
