// In which order answers are looked at: what went wrong first, then what is right, then what was not tried. Pure.

import type { HostState } from '@omserver/core'

/** Of hosts that did not do what they were asked; those that were skipped were spared it. */
export const badStates = [
  'failed',
  'unreachable',
  'timedOut',
  'lost',
  'aborted',
] as const satisfies readonly HostState[]

const isBad = (state: HostState): boolean => badStates.some((bad) => bad === state)

interface Group {
  readonly state: HostState
  readonly hosts: number
}

const rank = ({ state }: Group): number => (isBad(state) ? 0 : state === 'ok' ? 1 : 2)

/** Within each, the largest first. */
export const worstFirst = <T extends Group>(groups: readonly T[]): readonly T[] =>
  [...groups].sort((a, b) => rank(a) - rank(b) || b.hosts - a.hosts)
