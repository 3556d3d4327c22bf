// Looks for a text in the output of every host of a run.

import type { runRoutes } from '@omserver/api'
import type { z } from 'zod'
import { turnTaker } from './next-turn.ts'
import type { RunReader } from './read.ts'
import { plainText, wholeOutputs } from './whole-output.ts'

export type SearchQuery = z.output<(typeof runRoutes)['search']['query']>
export type SearchAnswer = z.input<(typeof runRoutes)['search']['answer']>

const DEADLINE_MS = 10_000
const LINE_CHARACTERS = 300

/** Case does not count. `more`: hosts beyond the limit, or not looked at in the time there was. */
export const searchOutputs = async (
  reader: RunReader,
  runId: string,
  query: SearchQuery,
  signal: AbortSignal,
): Promise<SearchAnswer> => {
  const { db, clock } = reader.services
  const wanted = query.text.toLowerCase()
  const deadline = clock.monotonic() + DEADLINE_MS
  const turn = turnTaker(() => clock.monotonic())
  const hosts: SearchAnswer['hosts'] = []
  let totalHosts = 0
  let totalHits = 0
  await reader.record(runId)
  for await (const page of reader.lastAttempts(runId)) {
    for await (const { row, bytes } of wholeOutputs(db, page)) {
      if (signal.aborted || clock.monotonic() > deadline) {
        return { hosts, totalHosts, totalHits, more: true }
      }
      const found = hitsIn(plainText(bytes, await reader.encodingOf(row.host_id)), wanted)
      if (found.hits > 0) {
        totalHosts++
        totalHits += found.hits
        if (hosts.length < query.limit) {
          hosts.push({ hostId: row.host_id, name: row.name, ...found })
        }
      }
      await turn()
    }
  }
  return { hosts, totalHosts, totalHits, more: totalHosts > hosts.length }
}

const hitsIn = (text: string, wanted: string): { hits: number; line: string } => {
  const lower = text.toLowerCase()
  const first = lower.indexOf(wanted)
  if (first < 0) return { hits: 0, line: '' }
  let hits = 0
  for (let at = first; at >= 0; at = lower.indexOf(wanted, at + wanted.length)) hits++
  // Some letters change length with their case: the place is found in the text that was searched.
  const source = lower.length === text.length ? text : lower
  const start = source.lastIndexOf('\n', first) + 1
  const from = Math.max(start, first - LINE_CHARACTERS / 2)
  const end = source.indexOf('\n', first)
  return { hits, line: source.slice(from, end < 0 ? undefined : end).slice(0, LINE_CHARACTERS) }
}
