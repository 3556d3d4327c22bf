// The hosts of one run as they stand now, fed by events and read by every view of the run page.

import { type HostResultView, type RunView, runRoutes } from '@omserver/api'
import { client } from '../api/index.ts'

type Line = 'loading' | 'live' | 'behind' | 'ended'

export interface RunSnapshot {
  readonly run: RunView | undefined
  /** The last attempt of each host, in the order of the frozen targets. */
  readonly rows: readonly HostResultView[]
  readonly byId: ReadonlyMap<string, HostResultView>
  readonly line: Line
  readonly error: Error | undefined
}

export interface RunStore {
  readonly snapshot: () => RunSnapshot
  readonly subscribe: (tell: () => void) => () => void
  readonly close: () => void
}

const PAGE = 20_000

/** Reads what is there, then follows. Views are told at most once a frame, however many events arrive. */
export const openRun = (id: string): RunStore => {
  const leave = new AbortController()
  const listeners = new Set<() => void>()
  const byId = new Map<string, HostResultView>()
  const order: string[] = []
  let now: RunSnapshot = { run: undefined, rows: [], byId, line: 'loading', error: undefined }
  let frame = 0
  let rowsChanged = false
  let next: Partial<RunSnapshot> = {}

  const tell = () => {
    frame = 0
    // A new array only when a row changed: views compare by identity.
    const rows = rowsChanged ? order.flatMap((hostId) => byId.get(hostId) ?? []) : now.rows
    now = { ...now, ...next, rows }
    next = {}
    rowsChanged = false
    for (const listener of listeners) listener()
  }
  const change = (part: Partial<RunSnapshot>) => {
    next = { ...next, ...part }
    if (frame === 0) frame = requestAnimationFrame(tell)
  }
  const take = (rows: readonly HostResultView[]) => {
    for (const row of rows) {
      const before = byId.get(row.hostId)
      if (before === undefined) order.push(row.hostId)
      else if (before.attempt > row.attempt || before.rev > row.rev) continue
      byId.set(row.hostId, row)
    }
    rowsChanged = rowsChanged || rows.length > 0
  }

  const read = async () => {
    const { signal } = leave
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
      take(page.items)
      change({})
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    const events = client.events(runRoutes.events, {
      params: { id },
      query: { form: 'hosts', after: rev },
      signal,
      retryForMs: Number.POSITIVE_INFINITY,
      onState: (state) => change({ line: state === 'open' ? 'live' : 'behind' }),
    })
    for await (const { data } of events) {
      if (data.type === 'run.snapshot' || data.type === 'run.changed') change({ run: data.run })
      else if (data.type === 'hosts.changed') {
        take(data.hosts)
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
    close: () => {
      leave.abort()
      cancelAnimationFrame(frame)
    },
  }
}
