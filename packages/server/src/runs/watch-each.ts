// The events of a run one by one, for programs: exactly one end per host and attempt, in the order of their revs,
// also across a broken connection; the end of the run last.

import type { RunEvent } from '@omserver/api'
import { isEnd } from '@omserver/core'
import type { SseEvent } from '../http/index.ts'
import { type HostRow, viewOfHost } from './host-row.ts'
import { OutputCursor, type TextPiece } from './output-cursor.ts'
import { hostsChangedAfter } from './results-table.ts'
import type { RunFeed } from './run-feed.ts'
import type { LiveEntry } from './sealed-stage.ts'
import { endOfRun, snapshotOf, type Watch } from './watch.ts'

const ROWS_A_READ = 500
const ENTRIES_A_PIECE = 1_000

export async function* watchEach(watch: Watch, feed: RunFeed | undefined): AsyncGenerator<SseEvent> {
  const reader = new EachReader(watch)
  yield snapshotOf(watch, feed?.run ?? watch.run)
  if (!feed) {
    yield* reader.catchUp(watch.run.rev)
    yield endOfRun(watch.run)
    return
  }
  let place = feed.end
  yield* reader.catchUp(feed.run.rev)
  while (!watch.signal.aborted) {
    if (place < feed.first) {
      place = feed.end
      yield* reader.catchUp(feed.run.rev)
      continue
    }
    const entries = feed.slice(place, ENTRIES_A_PIECE)
    place += entries.length
    for (const entry of entries) yield* reader.entry(entry)
    if (place < feed.end) continue
    if (feed.ended) {
      yield endOfRun(feed.run)
      return
    }
    if (feed.closed) return
    await feed.changed(watch.signal)
  }
}

class EachReader {
  readonly #watch: Watch
  readonly #cursors = new Map<string, OutputCursor>()
  /** Everything with this rev or a smaller one has been told. */
  #rev: number

  constructor(watch: Watch) {
    this.#watch = watch
    this.#rev = watch.after
  }

  /** From the database: rows that changed since and up to `rev`, each as it is now. */
  async *catchUp(rev: number): AsyncGenerator<SseEvent> {
    while (this.#rev < rev) {
      const rows = await hostsChangedAfter(this.#watch.db, this.#watch.run.id, this.#rev, ROWS_A_READ)
      // A row beyond `rev` has changed again meanwhile: the feed has it.
      for (const row of rows.filter((one) => one.rev <= rev)) yield* this.#row(row, true)
      if (rows.length < ROWS_A_READ || (rows.at(-1)?.rev ?? rev) > rev) break
    }
    this.#rev = Math.max(this.#rev, rev)
  }

  async *entry(entry: LiveEntry): AsyncGenerator<SseEvent> {
    switch (entry.kind) {
      case 'started':
        if (entry.row.rev > this.#rev) yield { data: startedEvent(entry.row) }
        return
      case 'output': {
        if (!this.#wants(entry.row)) return
        const cursor = await this.#cursorOf(entry.row)
        if (cursor.behind(entry.offset)) yield* this.#stored(entry.row, cursor)
        const piece = cursor.take(entry.stream, entry.offset, entry.bytes)
        if (piece) yield { data: outputEvent(entry.row, piece) }
        return
      }
      case 'host':
        if (entry.row.rev > this.#rev) yield* this.#row(entry.row, false)
    }
  }

  async *#row(row: HostRow, fromStore: boolean): AsyncGenerator<SseEvent> {
    if (row.state === 'running') {
      yield { id: String(row.rev), data: startedEvent(row) }
      if (fromStore && this.#wants(row)) yield* this.#stored(row, await this.#cursorOf(row))
    } else if (isEnd(row.state)) {
      if (this.#wants(row)) yield* this.#rest(row)
      yield { id: String(row.rev), data: { type: 'host.ended', result: viewOfHost(row) } }
    }
    this.#rev = Math.max(this.#rev, row.rev)
  }

  async *#rest(row: HostRow): AsyncGenerator<SseEvent> {
    if (row.output_bytes === 0) return
    const cursor = await this.#cursorOf(row)
    if (cursor.behind(row.output_bytes)) yield* this.#stored(row, cursor)
    for (const piece of cursor.end()) yield { data: outputEvent(row, piece) }
    this.#cursors.delete(keyOf(row))
  }

  async *#stored(row: HostRow, cursor: OutputCursor): AsyncGenerator<SseEvent> {
    for await (const piece of cursor.stored(this.#watch.db)) yield { data: outputEvent(row, piece) }
  }

  #wants(row: HostRow): boolean {
    const { output } = this.#watch
    return output === '*' || output.has(row.host_id)
  }

  async #cursorOf(row: HostRow): Promise<OutputCursor> {
    const known = this.#cursors.get(keyOf(row))
    if (known) return known
    const cursor = new OutputCursor(
      { runId: row.run_id, hostId: row.host_id, attempt: row.attempt },
      await this.#watch.encodingOf(row.host_id),
    )
    this.#cursors.set(keyOf(row), cursor)
    return cursor
  }
}

const keyOf = (row: HostRow): string => `${row.position}.${row.attempt}`

const startedEvent = (row: HostRow): RunEvent => ({
  type: 'host.started',
  hostId: row.host_id,
  name: row.name,
  attempt: row.attempt,
})

export const outputEvent = (row: HostRow, piece: TextPiece): RunEvent => ({
  type: 'host.output',
  hostId: row.host_id,
  name: row.name,
  attempt: row.attempt,
  stream: piece.stream,
  offset: piece.offset,
  text: piece.text,
})
