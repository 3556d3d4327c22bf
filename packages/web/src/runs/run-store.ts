// The hosts of one run as they stand now, fed by events and read by every view of the run page.

import { type HostResultView, type RunView, runRoutes } from '@omserver/api'
import { client } from '../api/index.ts'
import { runRows } from './run-rows.ts'

type Line = 'loading' | 'live' | 'behind' | 'ended'

export interface RunSnapshot {
  readonly run: RunView | undefined
  /** The last attempt of each host, in the order of the frozen targets. */
  readonly rows: readonly HostResultView[]
  readonly line: Line
  readonly error: Error | undefined
}

export interface RunStore {
  readonly snapshot: () => RunSnapshot
  readonly subscribe: (tell: () => void) => () => void
  /** Where a host stands in `rows`; -1: not among them. */
  readonly place: (hostId: string) => number
  /** ms since anything was heard; the server says something every 2 s. */
  readonly silentMs: () => number
  readonly close: () => void
}

/** A page is parsed in one go: so many rows are 30 ms in which nothing else happens. */
const PAGE = 10_000
/** Between two pictures, ms. A run of 50,000 hosts changes far more often than anybody can look. */
const paceOf = (hosts: number): number => (hosts > 2000 ? 250 : 80)

/** Reads what is there, then follows. Views are told a few times a second, however many events arrive. */
export const openRun = (id: string): RunStore => {
  const leave = new AbortController()
  const listeners = new Set<() => void>()
  const rows = runRows()
  let now: RunSnapshot = { run: undefined, rows: [], line: 'loading', error: undefined }
  let next: Partial<RunSnapshot> = {}
  let waiting = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let toldAt = Number.NEGATIVE_INFINITY
  let heardAt = performance.now()

  const tell = () => {
    waiting = false
    toldAt = performance.now()
    now = { ...now, ...next, rows: rows.all() }
    next = {}
    for (const listener of listeners) listener()
  }
  const change = (part: Partial<RunSnapshot>) => {
    next = { ...next, ...part }
    if (waiting) return
    waiting = true
    timer = setTimeout(tell, Math.max(0, toldAt + paceOf(now.rows.length) - performance.now()))
  }

  const read = async () => {
    const { signal } = leave
    // Alone, and first: the counters are the answer, and must not wait behind 50,000 rows.
    change({ run: await client.call(runRoutes.show, { params: { id }, signal }) })
    let cursor: string | undefined
    let rev = 0
    do {
      const page = await client.call(runRoutes.results, {
        params: { id },
        query: { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) },
        signal,
      })
      // The first page's rev: a row that changed while later pages were read comes again as an event.
      if (cursor === undefined) rev = page.rev
      rows.take(page.items)
      change({})
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    const events = client.events(runRoutes.events, {
      params: { id },
      query: { form: 'hosts', after: rev },
      signal,
      retryForMs: Number.POSITIVE_INFINITY,
      onState: (state) => change({ line: state === 'open' ? 'live' : 'behind' }),
      onHeard: () => {
        heardAt = performance.now()
      },
    })
    for await (const { data } of events) {
      if (data.type === 'run.snapshot' || data.type === 'run.changed') change({ run: data.run })
      else if (data.type === 'hosts.changed') {
        rows.take(data.hosts)
        const run = next.run ?? now.run
        change(run === undefined ? {} : { run: { ...run, counts: data.counts } })
      } else if (data.type === 'run.ended') {
        change({
          run: await client.call(runRoutes.show, { params: { id }, signal }),
          line: 'ended',
        })
        return
      }
    }
    if (!signal.aborted) change({ line: 'ended' })
  }

  read().catch((error: unknown) => {
    if (!leave.signal.aborted)
      change({ error: error instanceof Error ? error : new Error(String(error)) })
  })

  return {
    snapshot: () => now,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    place: rows.place,
    silentMs: () => performance.now() - heardAt,
    close: () => {
      leave.abort()
      clearTimeout(timer)
    },
  }
}
