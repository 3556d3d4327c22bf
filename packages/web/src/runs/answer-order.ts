// In which order answers are looked at: what went wrong first, then what is right, then what was not tried. Pure.

import type { HostState } from '@omserver/core'

/** Hosts that did not do what they were asked; `skipped` ones were spared it. */
export const isBad = (state: HostState): boolean =>
  state !== 'ok' && state !== 'skipped' && state !== 'queued' && state !== 'running'

interface Group {
  readonly state: HostState
  readonly hosts: number
}

const rank = ({ state }: Group): number => (isBad(state) ? 0 : state === 'ok' ? 1 : 2)

/** Within each, the largest first. */
export const worstFirst = <T extends Group>(groups: readonly T[]): readonly T[] =>
  [...groups].sort((a, b) => rank(a) - rank(b) || b.hosts - a.hosts)
