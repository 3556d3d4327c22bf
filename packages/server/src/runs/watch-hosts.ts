// The events of a run for a screen: rows that changed, gathered ten times a second, and the output of the hosts
// that are looked at.

import { isEnd } from '@omserver/core'
import type { SseEvent } from '../http/index.ts'
import { type HostRow, viewOfHost } from './host-row.ts'
import { nextTurn } from './next-turn.ts'
import { OutputCursor } from './output-cursor.ts'
import { attemptsOfHost, hostsChangedAfter } from './results-table.ts'
import type { RunFeed } from './run-feed.ts'
import type { LiveEntry } from './sealed-stage.ts'
import { StepReader } from './step-reader.ts'
import { changeOf, endOfRun, snapshotOf, type Watch } from './watch.ts'
import { outputEvent } from './watch-each.ts'

const ROWS_AN_EVENT = 2_000

export async function* watchHosts(
  watch: Watch,
  feed: RunFeed | undefined,
): AsyncGenerator<SseEvent> {
  const outputs = new OutputReaders(watch)
  yield snapshotOf(watch, feed?.run ?? watch.run)
  if (!feed) {
    yield* catchUp(watch, undefined, watch.after, watch.run.rev)
    yield* outputs.stored()
    yield changeOf(watch, watch.run)
    yield endOfRun(watch.run)
    return
  }
  feed.tickNow()
  let place = feed.tickEnd
  let { rev } = feed.run
  let version = feed.runVersion
  yield* catchUp(watch, feed, watch.after, rev)
  yield* outputs.stored()
  while (!watch.signal.aborted) {
    if (place < feed.first) {
      feed.tickNow()
      place = feed.tickEnd
      const upTo = feed.run.rev
      yield* catchUp(watch, feed, rev, upTo)
      rev = upTo
      yield* outputs.stored()
    } else if (feed.tickEnd > place) {
      const entries = outputs.wanted ? feed.slice(place, feed.tickEnd - place) : []
      const frame = feed.frame(place)
      place = frame.to
      rev = frame.rev
      for (const { id, json } of frame.events) yield { id, data: undefined, json }
      for (const entry of entries) yield* outputs.entry(entry)
    }
    if (feed.runVersion !== version) {
      version = feed.runVersion
      yield changeOf(watch, feed.run)
    }
    if (feed.tickEnd > place || place < feed.first) continue
    if (feed.ended) {
      yield endOfRun(feed.run)
      return
    }
    if (feed.closed) return
    await feed.ticked(watch.signal)
  }
}

/** From the database: rows that changed since, up to what the feed goes on from. */
async function* catchUp(
  watch: Watch,
  feed: RunFeed | undefined,
  after: number,
  upTo: number,
): AsyncGenerator<SseEvent> {
  let rev = after
  while (rev < upTo) {
    const read = await hostsChangedAfter(watch.db, watch.run.id, rev, ROWS_AN_EVENT)
    const rows = read.filter((row) => row.rev <= upTo)
    const last = rows.at(-1)?.rev
    if (last !== undefined) {
      const { counts } = feed?.run ?? watch.run
      yield {
        id: String(last),
        data: { type: 'hosts.changed', hosts: rows.map(viewOfHost), counts, rev: last },
      }
    }
    if (read.length < ROWS_AN_EVENT || rows.length < read.length) return
    rev = last ?? upTo
    await nextTurn()
  }
}

class OutputReaders {
  readonly #watch: Watch
  readonly #cursors = new Map<string, OutputCursor>()
  readonly #steps: StepReader

  constructor(watch: Watch) {
    this.#watch = watch
    this.#steps = new StepReader(watch)
  }

  get wanted(): boolean {
    return this.#watch.output !== '*' && this.#watch.output.size > 0
  }

  /** What is stored of the hosts that are looked at, in their last attempts. */
  async *stored(): AsyncGenerator<SseEvent> {
    const { output, run, db } = this.#watch
    if (output === '*') return
    for (const hostId of output) {
      const [row] = await attemptsOfHost(db, run.id, hostId)
      if (!row) continue
      yield* this.#fill(row)
      yield* this.#steps.stored(row)
    }
  }

  async *entry(entry: LiveEntry): AsyncGenerator<SseEvent> {
    const { output } = this.#watch
    if (output === '*' || !output.has(entry.row.host_id)) return
    const { row } = entry
    if (entry.kind === 'output') {
      const cursor = await this.#cursorOf(row)
      if (cursor.behind(entry.offset)) yield* this.#fill(row)
      const piece = cursor.take(entry.stream, entry.offset, entry.bytes)
      if (piece) yield { data: outputEvent(row, piece) }
    } else if (entry.kind === 'step') {
      if (this.#steps.follows(row)) yield* this.#steps.entry(entry)
      else yield* this.#steps.stored(row)
    } else if (isEnd(row.state)) {
      const cursor = await this.#cursorOf(row)
      if (cursor.behind(row.output_bytes)) yield* this.#fill(row)
      for (const piece of cursor.end()) yield { data: outputEvent(row, piece) }
    }
  }

  async *#fill(row: HostRow): AsyncGenerator<SseEvent> {
    const cursor = await this.#cursorOf(row)
    for await (const piece of cursor.stored(this.#watch.db)) yield { data: outputEvent(row, piece) }
  }

  async #cursorOf(row: HostRow): Promise<OutputCursor> {
    const key = `${row.host_id}.${row.attempt}`
    const known = this.#cursors.get(key)
    if (known) return known
    const cursor = new OutputCursor(
      { runId: row.run_id, hostId: row.host_id, attempt: row.attempt },
      await this.#watch.encodingOf(row.host_id),
    )
    this.#cursors.set(key, cursor)
    return cursor
  }
}
