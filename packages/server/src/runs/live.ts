// Live events of runs: what a commit changed goes to everybody who watches that run.

import type { After } from '@omserver/engine'
import { RunFeed } from './run-feed.ts'
import type { RunRecord } from './run-record.ts'
import type { SealedStage } from './sealed-stage.ts'

export class Live {
  readonly #after: After
  /** Only of runs that somebody watches. */
  readonly #feeds = new Map<string, RunFeed>()
  #closed = false

  constructor(after: After) {
    this.#after = after
  }

  publish(sealed: SealedStage): void {
    this.#feeds.get(sealed.active.id)?.publish(sealed)
  }

  /** The feed of a run under way, from now on. Every `join` needs its `leave`. */
  join(run: RunRecord, options: { readonly output: boolean }): RunFeed {
    let feed = this.#feeds.get(run.id)
    if (!feed) {
      feed = new RunFeed(run, this.#after)
      if (this.#closed) feed.close()
      this.#feeds.set(run.id, feed)
    }
    feed.readers++
    if (options.output) feed.outputReaders++
    return feed
  }

  leave(feed: RunFeed, options: { readonly output: boolean }): void {
    feed.readers--
    if (options.output) feed.outputReaders--
    if (feed.readers > 0) return
    feed.close()
    if (this.#feeds.get(feed.run.id) === feed) this.#feeds.delete(feed.run.id)
  }

  close(): void {
    this.#closed = true
    for (const feed of this.#feeds.values()) feed.close()
  }
}
