// One host of a play: what it has done, what it says of that to people, and its end.

import { type HostEnd, type LeftRunning, stripTerminal } from '@omserver/core'
import type { HostReport, ReportedStep } from '../../driver.ts'
import type { HostStats, PlayEvent, TaskResult } from './play-events.ts'

const MESSAGE_CHARACTERS = 500
const DIFF_CHARACTERS = 60_000
const HIDDEN = 'output hidden (no_log)'

export interface PlayHost {
  begin(event: Extract<PlayEvent, { readonly kind: 'begin' }>): void
  result(event: TaskResult): Promise<void>
  /** By its own account; undefined: Ansible has none of it. */
  end(stats: HostStats | undefined): HostEnd
  /** The play ended before it told how. `why`: for people. */
  cutShort(why: string): HostEnd
  /** Of the tasks of an aborted play. */
  leftRunning(): LeftRunning
}

const linesOf = (said = ''): readonly string[] =>
  // The beginning and the end of what may be 64 KiB.
  stripTerminal(said.length > 4096 ? `${said.slice(0, 2048)}\n${said.slice(-2048)}` : said)
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '')

const firstLine = (said: string | undefined): string | undefined =>
  linesOf(said)[0]?.slice(0, MESSAGE_CHARACTERS)
const lastLine = (said: string | undefined): string | undefined =>
  linesOf(said).at(-1)?.slice(0, MESSAGE_CHARACTERS)

/** The end of a longer text says more: `msg` of a failed command is always the same. */
const explained = ({ message, err, out, hidden }: TaskResult): string | undefined => {
  if (hidden) return HIDDEN
  const said = firstLine(message)
  if (said?.startsWith('MODULE FAILURE')) return lastLine(message)
  if (said === undefined || said === 'non-zero return code') return lastLine(err || out) ?? said
  return said
}

const wordOf = (result: TaskResult): string => {
  switch (result.state) {
    case 'ok':
      return result.changed ? 'changed' : 'ok'
    case 'failed':
      return result.ignored ? 'failed (ignored)' : 'failed'
    case 'skipped':
      return 'skipped'
    case 'unreachable':
      return 'unreachable'
  }
}

/** What a file was made from on this side has another name in every play: hosts would never answer alike. */
const withoutTemporary = (diff: string | undefined): string | undefined =>
  diff?.replace(/^(\+\+\+|---)(.*?) \S*\/ansible-local-\S+$/gm, '$1$2')

/** As Ansible tells it, without what differs from host to host for no reason: names, times. */
const told = (result: TaskResult): string => {
  const { item, exit } = result
  const diff = withoutTemporary(result.diff)
  const head = `${wordOf(result)}${item === undefined ? '' : `: (item=${item})`}${exit ? ` (exit ${exit})` : ''}`
  const body = result.hidden
    ? [HIDDEN]
    : [diff, result.out, result.err, result.message === result.out ? undefined : result.message]
  const lines = body.flatMap((one) => (one === undefined || one === '' ? [] : [one.trimEnd()]))
  return `${[head, ...lines].join('\n')}\n`
}

export const createPlayHost = (report: HostReport): PlayHost => {
  let steps = 0
  let finished = 0
  let heading: string | undefined
  let lastFailure: TaskResult | undefined
  let unreachable: TaskResult | undefined
  const running = new Set<string>()

  const step = (result: TaskResult): ReportedStep => {
    const { state, task, item, exit, changed, ms, hidden } = result
    const diff = withoutTemporary(result.diff)
    const why = state === 'ok' ? firstLine(result.message ?? result.out) : explained(result)
    const said = hidden ? HIDDEN : why
    return {
      index: steps++,
      name: task.slice(0, 200),
      ...(item === undefined ? {} : { item }),
      state: state === 'unreachable' ? 'failed' : state,
      changed,
      ...(exit === undefined ? {} : { exit }),
      ...(diff === undefined ? {} : { diff: diff.slice(0, DIFF_CHARACTERS) }),
      ...(said === undefined ? {} : { message: said }),
      ...(ms === undefined ? {} : { durationMs: ms }),
    }
  }

  const say = async (result: TaskResult): Promise<void> => {
    const title = heading === result.id ? '' : `TASK [${result.task}]\n`
    heading = result.id
    const stream = result.state === 'failed' || result.state === 'unreachable' ? 'stderr' : 'stdout'
    if (result.missed > 0) report.missed(result.missed)
    await report.output(stream, Buffer.from(`${title}${told(result)}`))
  }

  return {
    begin({ id }) {
      running.add(id)
    },
    async result(result) {
      const { state, id, item, ignored } = result
      if (item === undefined) running.delete(id)
      if (state === 'unreachable') unreachable = result
      else if (item === undefined) finished++
      if (state === 'failed' && !ignored && !(result.summary && lastFailure?.id === id)) {
        lastFailure = result
      }
      if (result.summary) return
      report.step(step(result))
      await say(result)
    },
    end(stats) {
      if (stats === undefined) {
        const message = 'no task of the playbook was for this host'
        return { state: 'skipped', reason: 'notInPlay', message }
      }
      const changed = stats.changed > 0
      const lost = unreachable && explained(unreachable)
      if (stats.unreachable > 0) {
        return finished === 0 && stats.ok === 0
          ? {
              state: 'unreachable',
              reason: 'handshakeFailed',
              message: lost ?? 'it was not reached',
            }
          : {
              state: 'failed',
              reason: 'connectionCut',
              changed,
              message: lost ?? 'the connection was lost after a task',
              leftRunning: 'unknown',
            }
      }
      if (stats.failures > 0) {
        const { exit, task = '' } = lastFailure ?? {}
        const why = lastFailure && explained(lastFailure)
        return {
          state: 'failed',
          reason: 'taskFailed',
          changed,
          ...(exit === undefined ? {} : { exit }),
          message: `${task}: ${why ?? 'it failed'}`.slice(0, MESSAGE_CHARACTERS),
        }
      }
      return { state: 'ok', exit: 0, changed }
    },
    cutShort(why) {
      return running.size > 0
        ? { state: 'lost', reason: 'connectionCut', message: why, leftRunning: 'unknown' }
        : { state: 'failed', reason: 'playbookError', message: why, leftRunning: 'no' }
    },
    leftRunning: () => (running.size > 0 ? 'unknown' : 'no'),
  }
}
