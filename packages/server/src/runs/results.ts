// Results of the hosts of a run, page by page.

import type { HostResultView, runRoutes } from '@omserver/api'
import type { z } from 'zod'
import { viewOfHost } from './host-row.ts'
import { nextTurn } from './next-turn.ts'
import type { RunReader } from './read.ts'
import { type HostKey, pageOfHosts, type ResultFilter } from './results-table.ts'

const ROWS_A_READ = 2_000

export type ResultQuery = z.output<(typeof runRoutes)['results']['query']>

export const filterOf = (
  query: Pick<ResultQuery, 'state' | 'answer' | 'text' | 'attempts'>,
): ResultFilter => ({
  states: query.state?.split(',').filter((state) => state !== ''),
  answer: query.answer,
  text: query.text,
  lastAttempt: query.attempts === 'last',
})

/** `rev` is that of the run before the first row was read: events after it miss nothing. */
export const readResults = async (
  reader: RunReader,
  runId: string,
  query: ResultQuery,
): Promise<{ items: HostResultView[]; next: string | null; rev: number }> => {
  const { rev } = await reader.record(runId)
  const items: HostResultView[] = []
  let after = query.cursor === undefined ? undefined : keyOf(query.cursor)
  for (;;) {
    const limit = Math.min(ROWS_A_READ, query.limit - items.length)
    const rows = await pageOfHosts(reader.services.db, runId, filterOf(query), { limit, after })
    items.push(...rows.map(viewOfHost))
    const last = rows.at(-1)
    if (!last || rows.length < limit) return { items, next: null, rev }
    after = last
    if (items.length >= query.limit) return { items, next: `${last.position}.${last.attempt}`, rev }
    await nextTurn()
  }
}

const keyOf = (cursor: string): HostKey => {
  const [position, attempt] = cursor.split('.')
  return { position: Number(position) || 0, attempt: Number(attempt) || 0 }
}
