// Runs one read-only command on one host and hands back what it printed: choices of a form that only a host knows.

import type { RunView } from '@omserver/api'
import { type Host, Problem, type ShellAction } from '@omserver/core'
import type { Actor } from './actor.ts'
import type { RunService } from './runs/index.ts'

const HOST_TIMEOUT_MS = 5_000
/** Also ends the wait where no controller takes the run. */
const RUN_TIMEOUT_MS = 10_000

/**
 * It is a run like any other: granted, recorded and bounded.
 * Rejects with Problem: GRANT_MISSING and what else a launch throws; CHOICES_FAILED {field, message}.
 */
export const askHost =
  (runs: RunService) =>
  async (
    actor: Actor,
    ask: { readonly module: string; readonly host: Host; readonly action: ShellAction },
  ): Promise<string> => {
    const ended = Promise.withResolvers<RunView>()
    const { id } = await runs.launchAction(actor, {
      module: ask.module,
      title: { zh: `可选值：${ask.module}`, en: `Choices of ${ask.module}` },
      action: ask.action,
      hosts: [ask.host],
      selector: ask.host.name,
      strategy: { concurrency: 1, hostTimeoutMs: HOST_TIMEOUT_MS, runTimeoutMs: RUN_TIMEOUT_MS },
      onEnded: ended.resolve,
    })
    const run = await ended.promise
    const { clusters, silent } = await runs.answers.read(id, { limit: 1, hostIds: false })
    const [answer] = clusters
    if (run.state === 'succeeded' && answer) return answer.sample.output
    const why = answer?.sample.output ?? silent[0]?.message ?? silent[0]?.reason ?? run.state
    throw new Problem('CHOICES_FAILED', {
      field: ask.module,
      message: `${ask.host.name}: ${why.slice(0, 500)}`,
    })
  }
