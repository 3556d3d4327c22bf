// The engine of one process: no broker, no database. What it holds dies with the process, and is offered again.

import { randomUUID } from 'node:crypto'
import { type After, realAfter } from '../after.ts'
import type { CallFailure, Engine, Idc, Stop } from '../ports.ts'
import { type BlobStore, localBlobs } from './local-blobs.ts'
import { memoryBoard } from './memory-board.ts'
import { memoryBus } from './memory-bus.ts'
import { memoryLog } from './memory-log.ts'
import { type Lease, memoryQueue } from './memory-queue.ts'

export interface EmbeddedOptions {
  readonly after?: After
  /** A controller that says nothing for this long is gone. */
  readonly presenceTtlMs?: number
  /** Default: in memory, at most 256 MiB. */
  readonly blobs?: BlobStore
  readonly newEpoch?: () => string
  /** Told what went wrong in a handler of calls: for the log. */
  readonly onCallFailure?: (failure: CallFailure) => void
  /** Told of every lease as it is given; for tests of what happens when one runs out. */
  readonly onLease?: (lease: Lease) => void
}

/**
 * `append` resolves when the reader has committed; while the reader fails (busy database, full disk) its batch is
 * offered again, with pauses up to 5 s, and `append` stays pending until `close`, which rejects it.
 */
export const embeddedEngine = (options: EmbeddedOptions = {}): Engine => {
  const after = options.after ?? realAfter
  const log = memoryLog({ after, newEpoch: options.newEpoch ?? randomUUID })
  const queue = memoryQueue({ after, onDone: log.sliceEnded, onLease: options.onLease })
  const intent = memoryBoard(after)
  const presence = memoryBoard(after, options.presenceTtlMs ?? 15_000)
  const books = memoryBoard(after)
  const begun = memoryBoard(after)
  const bus = memoryBus(after, options.onCallFailure)
  const known = new Set<Idc>()
  const watchers = new Set<(idc: Idc) => void>()
  let closing: Promise<void> | undefined

  const know = (idc: Idc): void => {
    if (known.has(idc)) return
    known.add(idc)
    for (const on of [...watchers]) on(idc)
  }

  const watchIdcs = async (on: (idc: Idc) => void): Promise<Stop> => {
    const watcher = (idc: Idc): void => on(idc)
    for (const idc of [...known]) on(idc)
    watchers.add(watcher)
    return async () => {
      watchers.delete(watcher)
    }
  }

  const close = async (): Promise<void> => {
    queue.close()
    bus.close()
    intent.close()
    presence.close()
    books.close()
    begun.close()
    watchers.clear()
    await log.close()
  }

  return {
    kind: 'embedded',
    queue: {
      ...queue,
      offer: (idc, slices) => {
        know(idc)
        return queue.offer(idc, slices)
      },
    },
    log,
    intent,
    presence,
    books,
    begun,
    bus,
    blobs: localBlobs(options.blobs ?? { maxBytes: 256 * 1024 * 1024 }),
    async ensure(idc) {
      know(idc)
    },
    watchIdcs,
    async health(idc) {
      if (closing) return { ok: false, detail: 'closed' }
      const trouble = log.trouble(idc)
      return trouble === undefined
        ? { ok: true, detail: 'in process' }
        : { ok: false, detail: `events cannot be stored: ${trouble}` }
    },
    close() {
      closing ??= close()
      return closing
    },
  }
}
