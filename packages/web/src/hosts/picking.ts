// Ticking hosts: a set of ids that outlives the filter, its ranges, and the selector that stands for it. Pure.

import { foldNames } from '@omserver/core'
import type { BriefHost } from './fleet.ts'

export type Picked = ReadonlySet<string>

export const toggle = (picked: Picked, id: string): Picked => {
  const next = new Set(picked)
  if (!next.delete(id)) next.add(id)
  return next
}

/** Ticks or unticks every one of `ids`, and leaves the others. */
export const setAll = (picked: Picked, ids: Iterable<string>, on: boolean): Picked => {
  const next = new Set(picked)
  for (const id of ids) {
    if (on) next.add(id)
    else next.delete(id)
  }
  return next
}

/** From the last tick to this one (shift): all take the state of the one just ticked. */
export const toggleRange = (
  picked: Picked,
  shown: readonly { readonly id: string }[],
  from: number,
  to: number,
): Picked => {
  const on = !picked.has(shown[to]?.id ?? '')
  const range = shown.slice(Math.min(from, to), Math.max(from, to) + 1)
  return setAll(
    picked,
    range.map(({ id }) => id),
    on,
  )
}

/** Of the head's tick box: how many of the shown ones are ticked. */
export const coverage = (
  picked: Picked,
  shown: readonly { readonly id: string }[],
): 'none' | 'some' | 'all' => {
  if (picked.size === 0 || shown.length === 0) return 'none'
  let hits = 0
  for (const { id } of shown) if (picked.has(id)) hits += 1
  return hits === 0 ? 'none' : hits === shown.length ? 'all' : 'some'
}

export interface Target {
  readonly hosts: readonly BriefHost[]
  /** Names exactly these hosts: what the person saw, whatever is added in the meantime. */
  readonly selector: string
}

export const targetOf = (hosts: readonly BriefHost[]): Target => ({
  hosts,
  selector: foldNames(hosts.map(({ name }) => name)),
})

/** Longer than this, an address is cut by proxies and servers on its way. */
export const ADDRESS_MAX = 6000
/** The contract's limit of a selector. */
export const SELECTOR_MAX = 100_000
