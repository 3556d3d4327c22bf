// The states of a run and the rule that derives its end from its hosts.

import type { HostCounts } from './host-state.ts'

export const runStates = [
  'awaitingApproval',
  'queued',
  'running',
  'paused',
  'succeeded',
  'failed',
  'aborted',
] as const
export type RunState = (typeof runStates)[number]

export const isRunEnd = (state: RunState): boolean =>
  state === 'succeeded' || state === 'failed' || state === 'aborted'

/**
 * aborted if a person ended it; succeeded if every host is ok, or skipped for lack of check support
 * (`skippedForCheck` of the skipped ones); else failed.
 */
export const runEndState = (
  counts: HostCounts,
  by: { readonly aborted: boolean; readonly skippedForCheck: number },
): RunState => {
  if (by.aborted) return 'aborted'
  const bad =
    counts.failed +
    counts.unreachable +
    counts.timedOut +
    counts.aborted +
    counts.lost +
    (counts.skipped - by.skippedForCheck)
  return bad === 0 ? 'succeeded' : 'failed'
}
