// Runs one read-only command on one host and hands back what it printed: choices of a form that only a host knows.

import type { RunView } from '@omserver/api'
import {
  type EndAdvice,
  endAdvice,
  type Host,
  Problem,
  type ShellAction,
  stripTerminal,
} from '@omserver/core'
import type { Actor } from './actor.ts'
import { CHOICES, type RunService, readOutput } from './runs/index.ts'

const HOST_TIMEOUT_MS = 5_000
/** Also ends the wait where no controller takes the run. */
const RUN_TIMEOUT_MS = 10_000
/** Far more than a form shows. */
const MAX_BYTES = 64 * 1024

/**
 * It is a run like any other: granted, recorded and bounded; only lists of runs leave it out.
 * Rejects with Problem: GRANT_MISSING and what else a launch throws; CHOICES_FAILED {field, message}.
 */
export const askHost =
  (runs: RunService) =>
  async (
    actor: Actor,
    ask: {
      readonly module: string
      readonly field: string
      readonly host: Host
      readonly action: ShellAction
    },
  ): Promise<string> => {
    const ended = Promise.withResolvers<RunView>()
    const { id } = await runs.launchAction(actor, {
      module: ask.module,
      title: { zh: `可选值：${ask.module}`, en: `Choices of ${ask.module}` },
      params: { [CHOICES]: ask.field },
      action: ask.action,
      hosts: [ask.host],
      selector: ask.host.name,
      strategy: { concurrency: 1, hostTimeoutMs: HOST_TIMEOUT_MS, runTimeoutMs: RUN_TIMEOUT_MS },
      onEnded: ended.resolve,
    })
    const run = await ended.promise
    if (run.state === 'succeeded') {
      const target = { runId: id, hostId: ask.host.id }
      const { pieces } = await readOutput(runs.reader, target, { from: 0, bytes: MAX_BYTES })
      // A warning on the way is no choice.
      const printed = pieces.filter(({ stream }) => stream === 'stdout').map(({ text }) => text)
      return stripTerminal(printed.join(''))
    }
    const [row] = await runs.reader.allHosts(id)
    const told = row?.state === 'failed' || row?.state === 'unreachable' ? row.message : null
    const why = told ?? adviceOf(row?.reason)?.title.en ?? run.state
    throw new Problem('CHOICES_FAILED', { field: ask.field, message: `${ask.host.name}: ${why}` })
  }

const adviceOf = (reason: string | null | undefined): EndAdvice | undefined =>
  Object.entries(endAdvice).find(([code]) => code === reason)?.[1]
