// What the addresses of these pages say: filters, the open host, a draft. Hostile input, so it is parsed.

import * as z from 'zod/mini'
import { maybe, maybeText } from '../address.ts'

const text = maybeText(2000)

export const runViews = ['answers', 'tasks', 'table', 'hosts', 'search', 'action'] as const

export const runSearch = z.object({
  view: maybe(z.enum(runViews)),
  state: text,
  answer: text,
  text,
  host: text,
  /** What is looked for in the outputs. */
  find: maybeText(200),
})
export type RunSearch = z.output<typeof runSearch>

export const historySearch = z.object({
  module: text,
  state: text,
  startedBy: text,
  text,
  hostId: text,
  /** Also what only read choices of a form. */
  choices: maybe(z.boolean()),
})
export type HistorySearch = z.output<typeof historySearch>

export const launchSearch = z.object({
  module: text,
  selector: maybeText(100_000),
  /** A run to begin from: its module, parameters and hosts. */
  from: text,
})
export type LaunchSearch = z.output<typeof launchSearch>
