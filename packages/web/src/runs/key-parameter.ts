// What tells two runs of one module apart in a list: which command, which service. Pure.

import type { RunView } from '@omserver/api'

/** A line is enough to know it again. */
const MOST = 200

const textOf = (value: RunView['params'][string] | undefined): string => {
  if (typeof value === 'string') return value.trim()
  if (typeof value === 'number') return String(value)
  return Array.isArray(value) ? value.map(textOf).filter(Boolean).join(', ') : ''
}

/** The first parameter that says something, on one line; '' when none does. Secrets are `***` and say nothing. */
export const keyParameter = ({ params }: Pick<RunView, 'params'>): string => {
  const said = Object.values(params)
    .map(textOf)
    .find((text) => text !== '' && text !== '***')
  return (said ?? '').replace(/\s*\n\s*/g, ' ↵ ').slice(0, MOST)
}
