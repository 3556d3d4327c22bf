// The events of a run one by one, for programs: exactly one end per host and attempt, in the order of their revs,
// also across a broken connection; the end of the run last.

import type { RunEvent } from '@omserver/api'
import { isEnd } from '@omserver/core'
import type { OutputsTable } from '../db/index.ts'
import type { SseEvent } from '../http/index.ts'
import { type HostRow, viewOfHost } from './host-row.ts'
import { nextTurn } from './next-turn.ts'
import { OutputCursor, piecesOfRow, type TextPiece } from './output-cursor.ts'
import { firstChunks } from './outputs-table.ts'
import { hostsChangedAfter } from './results-table.ts'
import type { RunFeed } from './run-feed.ts'
import type { LiveEntry } from './sealed-stage.ts'
import { StepReader } from './step-reader.ts'
import { endOfRun, snapshotOf, type Watch } from './watch.ts'

/** With the first chunks of their outputs: 64 KiB each at most. */
const ROWS_A_READ = 200
const ENTRIES_A_PIECE = 1_000

export async function* watchEach(
  watch: Watch,
  feed: RunFeed | undefined,
): AsyncGenerator<SseEvent> {
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
      reader.missed()
      yield* reader.catchUp(feed.run.rev)
      continue
    }
    const entries = feed.slice(place, ENTRIES_A_PIECE)
    place += entries.length
    for (const entry of entries) yield* reader.entry(entry)
    if (place < feed.end) {
      await nextTurn()
      continue
    }
    if (feed.ended) {
      yield endOfRun(feed.run)
      return
    }
    if (feed.closed) return
    await feed.changed(watch.signal)
  }
}

type StoredSteps = Awaited<ReturnType<StepReader['read']>>

class EachReader {
  readonly #watch: Watch
  readonly #cursors = new Map<string, OutputCursor>()
  readonly #steps: StepReader
  /** Everything with this rev or a smaller one has been told. */
  #rev: number

  constructor(watch: Watch) {
    this.#watch = watch
    this.#steps = new StepReader(watch)
    this.#rev = watch.after
  }

  missed(): void {
    this.#steps.forget()
  }

  /** From the database: rows that changed since and up to `rev`, each as it is now. */
  async *catchUp(rev: number): AsyncGenerator<SseEvent> {
    while (this.#rev < rev) {
      const rows = await hostsChangedAfter(
        this.#watch.db,
        this.#watch.run.id,
        this.#rev,
        ROWS_A_READ,
      )
      // A row beyond `rev` has changed again meanwhile: the feed has it.
      const due = rows.filter((one) => one.rev <= rev)
      const heads = await this.#heads(due)
      const steps = await this.#steps.read(due)
      for (const row of due) {
        const head = heads.get(keyOf(row))
        if (head) yield* this.#chunk(row, head)
        yield* this.#row(row, steps)
      }
      if (rows.length < ROWS_A_READ || (rows.at(-1)?.rev ?? rev) > rev) break
      await nextTurn()
    }
    this.#rev = Math.max(this.#rev, rev)
  }

  async *entry(entry: LiveEntry): AsyncGenerator<SseEvent> {
    switch (entry.kind) {
      case 'started':
        this.#steps.begun(entry.row)
        if (entry.row.rev > this.#rev) yield { data: startedEvent(entry.row) }
        return
      case 'step':
        yield* this.#steps.entry(entry)
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
        if (entry.row.rev > this.#rev) yield* this.#row(entry.row)
    }
  }

  async *#row(row: HostRow, stored?: StoredSteps): AsyncGenerator<SseEvent> {
    if (row.state === 'running') {
      yield { id: String(row.rev), data: startedEvent(row) }
      if (stored) {
        if (this.#wants(row)) yield* this.#stored(row, await this.#cursorOf(row))
        yield* this.#steps.stored(row, stored)
      } else this.#steps.begun(row)
    } else if (isEnd(row.state)) {
      if (this.#wants(row)) yield* this.#rest(row)
      yield* this.#steps.rest(row, stored)
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

  /** First chunks of all at once, which is the whole output where it is short. */
  async #heads(rows: readonly HostRow[]): Promise<ReadonlyMap<string, OutputsTable>> {
    const due = rows.filter((row) => row.output_bytes > 0 && this.#wants(row))
    if (due.length === 0) return new Map()
    const keys = new Map(due.map((row) => [`${row.host_id}.${row.attempt}`, keyOf(row)]))
    const ids = due.map(({ host_id }) => host_id)
    const chunks = await firstChunks(this.#watch.db, this.#watch.run.id, ids)
    return new Map(
      chunks.flatMap((chunk) => {
        const key = keys.get(`${chunk.host_id}.${chunk.attempt}`)
        return key === undefined ? [] : [[key, chunk] as const]
      }),
    )
  }

  async *#chunk(row: HostRow, chunk: OutputsTable): AsyncGenerator<SseEvent> {
    const cursor = await this.#cursorOf(row)
    for (const { stream, offset, bytes } of piecesOfRow(chunk)) {
      const piece = cursor.take(stream, offset, bytes)
      if (piece) yield { data: outputEvent(row, piece) }
    }
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
