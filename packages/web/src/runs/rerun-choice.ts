// Which hosts a rerun is for: in buckets with names, so that nobody repeats a command whose end is unknown without a word. Pure.

import { type HostCounts, type HostState, hostStates } from '@omserver/core'

export type RerunChoice = 'all' | { readonly states: readonly HostState[] }

/** Of these it is known that they did not do what they were asked. Whoever is lost may have. */
const knownToHaveFailed = ['failed', 'unreachable', 'timedOut'] as const satisfies HostState[]

/** After these a command may have run, whole or in part. */
const doubtful: ReadonlySet<HostState> = new Set<HostState>(['lost', 'aborted'])

export interface Bucket {
  readonly state: HostState
  readonly hosts: number
}

/** The states of a choice that have hosts, in the order of all counters. */
export const bucketsOf = (counts: HostCounts, choice: RerunChoice): readonly Bucket[] =>
  hostStates
    .filter((state) => counts[state] > 0 && (choice === 'all' || choice.states.includes(state)))
    .map((state) => ({ state, hosts: counts[state] }))

export const hostsOf = (buckets: readonly Bucket[]): number =>
  buckets.reduce((sum, { hosts }) => sum + hosts, 0)

/** What is repeated without second thoughts; undefined: no host. */
export const plainRerun = (counts: HostCounts): RerunChoice | undefined => {
  const states = knownToHaveFailed.filter((state) => counts[state] > 0)
  return states.length === 0 ? undefined : { states }
}

/** What a person must look at on the hosts before. */
export const doubtsOf = (buckets: readonly Bucket[]): readonly Bucket[] =>
  buckets.filter(({ state }) => doubtful.has(state))
