// What the addresses of these pages say: filters, the open host, a draft. Hostile input, so it is parsed.

import { z } from 'zod'

const text = z.string().max(2000).optional().catch(undefined)

export const runSearch = z.object({
  view: z.enum(['answers', 'table', 'hosts', 'search', 'action']).optional().catch(undefined),
  state: text,
  answer: text,
  text,
  host: text,
})
export type RunSearch = z.output<typeof runSearch>

export const historySearch = z.object({
  module: text,
  state: text,
  startedBy: text,
  text,
  hostId: text,
})
export type HistorySearch = z.output<typeof historySearch>

export const launchSearch = z.object({
  module: text,
  selector: z.string().max(100_000).optional().catch(undefined),
  /** A run to begin from: its module, parameters and hosts. */
  from: text,
})
export type LaunchSearch = z.output<typeof launchSearch>
