// The steps of one host as a list for the eye: those that ended, the one under way, and those never reached. Pure.

import type { HostResultView, HostStepView } from '@omserver/api'
import { type HostState, isEnd } from '@omserver/core'

export interface StepRow {
  readonly index: number
  readonly name: string
  /** null: not reached, and never will be. */
  readonly state: HostState | null
  readonly step: HostStepView | undefined
}

/** A step ends with an event of its own; one that the end of its host cut off shares the host's end. */
export const stepRows = (
  names: readonly string[],
  steps: readonly HostStepView[],
  host: Pick<HostResultView, 'state' | 'startedAt'>,
): readonly StepRow[] => {
  const told = new Map(steps.map((step) => [step.index, step]))
  const failed = steps.some(({ state }) => state === 'failed')
  const current = names.findIndex((_, index) => !told.has(index))
  const stateOf = (index: number): HostState | null => {
    const step = told.get(index)
    if (step !== undefined) return step.state
    if (!isEnd(host.state))
      return index === current && host.state === 'running' ? 'running' : 'queued'
    const cutOff = index === current && !failed && host.startedAt !== null && host.state !== 'ok'
    return cutOff ? host.state : null
  }
  return names.map((name, index) => ({ index, name, state: stateOf(index), step: told.get(index) }))
}

/** The number of the step that is under way or was the last one, from 1; 0: none has begun. */
export const stepReached = (rows: readonly StepRow[]): number =>
  rows.findLastIndex(({ state }) => state !== null && state !== 'queued') + 1
