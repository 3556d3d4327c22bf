// The steps of one host in one attempt: what the action has, and how far the host came.

import type { runRoutes } from '@omserver/api'
import type { z } from 'zod'
import { viewOfStep } from './host-step.ts'
import { attemptOf } from './output.ts'
import type { RunReader } from './read.ts'
import type { RunRecord } from './run-record.ts'
import { stepsOfHosts } from './steps-table.ts'

type StepsAnswer = z.input<(typeof runRoutes)['steps']['answer']>

export const stepNames = ({ action }: Pick<RunRecord, 'action'>): readonly string[] =>
  action?.kind === 'steps' ? action.steps.map(({ name }) => name) : []

export const readSteps = async (
  reader: RunReader,
  target: { readonly runId: string; readonly hostId: string },
  attempt: number | undefined,
): Promise<StepsAnswer> => {
  const row = await attemptOf(reader, target, attempt)
  const names = stepNames(await reader.record(target.runId))
  const stored =
    names.length === 0 ? [] : await stepsOfHosts(reader.services.db, target.runId, [row.host_id])
  return {
    hostId: row.host_id,
    name: row.name,
    attempt: row.attempt,
    names: [...names],
    steps: stored.filter((step) => step.attempt === row.attempt).map(viewOfStep),
  }
}
