// Which hosts of a run are looked at: states, an answer, a text. Lives in the address of the page.

import type { HostResultView } from '@omserver/api'
import { type HostState, hostStates } from '@omserver/core'

export interface RowFilter {
  readonly state?: string
  readonly answer?: string
  readonly text?: string
}

export const statesOf = (text: string | undefined): readonly HostState[] =>
  (text ?? '').split(',').flatMap((one) => hostStates.find((state) => state === one) ?? [])

export const toggleState = (text: string | undefined, state: HostState): string | undefined => {
  const states = statesOf(text)
  const next = states.includes(state) ? states.filter((one) => one !== state) : [...states, state]
  return next.length === 0 ? undefined : next.join(',')
}

/** Whether a row is looked at; undefined: nothing is filtered. */
export const rowMatcher = (filter: RowFilter): ((row: HostResultView) => boolean) | undefined => {
  const states = new Set(statesOf(filter.state))
  const text = filter.text?.trim().toLowerCase() ?? ''
  if (states.size === 0 && filter.answer === undefined && text === '') return undefined
  return (row) =>
    (states.size === 0 || states.has(row.state)) &&
    (filter.answer === undefined || row.answer === filter.answer) &&
    (text === '' || row.name.toLowerCase().includes(text) || row.address.includes(text))
}

export const filterRows = (
  rows: readonly HostResultView[],
  filter: RowFilter,
): readonly HostResultView[] => {
  const matches = rowMatcher(filter)
  return matches === undefined ? rows : rows.filter(matches)
}
