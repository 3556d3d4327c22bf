// The work queue of the embedded engine. Runs take turns: a short run offered late does not wait for a long one.

import { Problem, type Slice } from '@omserver/core'
import type { After } from '../after.ts'
import type { Delivery, Idc, WorkQueue } from '../ports.ts'

/** A handler that failed is not called again at once for the same slice. */
const RETRY_MS = 1_000

interface Item {
  readonly idc: Idc
  readonly slice: Slice
  /** Set while a consumer holds it. */
  lease?: AbortController
  /** Set while it waits for its delay to pass. */
  endDelay?: () => void
}

interface Consumer {
  readonly slots: () => number
  readonly on: (delivery: Delivery) => Promise<void>
}

interface IdcQueue {
  readonly items: Map<string, Item>
  /** Per run, in the order in which the runs are served next. */
  readonly waiting: Map<string, Item[]>
  readonly consumers: Set<Consumer>
  leased: number
  dispatching: boolean
}

/** In one process a lease lasts as long as the process: only a test, or the end of the engine, takes it away. */
export interface Lease {
  readonly idc: Idc
  readonly sliceId: string
  expire(): void
}

export interface MemoryQueue extends WorkQueue {
  close(): void
}

export const memoryQueue = (options: {
  readonly after: After
  readonly onDone: (idc: Idc, sliceId: string) => void
  readonly onLease?: (lease: Lease) => void
}): MemoryQueue => {
  const queues = new Map<Idc, IdcQueue>()
  let closed = false

  const queueOf = (idc: Idc): IdcQueue => {
    let queue = queues.get(idc)
    if (!queue) {
      queue = {
        items: new Map(),
        waiting: new Map(),
        consumers: new Set(),
        leased: 0,
        dispatching: false,
      }
      queues.set(idc, queue)
    }
    return queue
  }

  const wait = (queue: IdcQueue, item: Item): void => {
    const { runId } = item.slice
    const line = queue.waiting.get(runId)
    if (line) line.push(item)
    else queue.waiting.set(runId, [item])
    dispatchSoon(queue)
  }

  const unwait = (queue: IdcQueue, item: Item): void => {
    const line = queue.waiting.get(item.slice.runId) ?? []
    const at = line.indexOf(item)
    if (at >= 0) line.splice(at, 1)
    if (line.length === 0) queue.waiting.delete(item.slice.runId)
  }

  const takeNext = (queue: IdcQueue): Item | undefined => {
    const [next] = queue.waiting
    if (!next) return undefined
    const [runId, line] = next
    queue.waiting.delete(runId)
    const item = line.shift()
    if (line.length > 0) queue.waiting.set(runId, line)
    return item
  }

  const dropLease = (queue: IdcQueue, item: Item, lease: AbortController): boolean => {
    if (item.lease !== lease) return false
    item.lease = undefined
    queue.leased--
    return true
  }

  const putBack = (queue: IdcQueue, item: Item, delayMs: number): void => {
    if (closed) return
    if (delayMs <= 0) {
      wait(queue, item)
      return
    }
    item.endDelay = options.after(delayMs, () => {
      item.endDelay = undefined
      wait(queue, item)
    })
  }

  const deliver = (queue: IdcQueue, item: Item, consumer: Consumer): void => {
    const lease = new AbortController()
    item.lease = lease
    queue.leased++
    const { idc, slice } = item
    const release = async (delayMs = 0): Promise<void> => {
      if (dropLease(queue, item, lease)) putBack(queue, item, delayMs)
    }
    options.onLease?.({
      idc,
      sliceId: slice.sliceId,
      expire: () => {
        if (!dropLease(queue, item, lease)) return
        lease.abort()
        putBack(queue, item, 0)
      },
    })
    const delivery: Delivery = {
      slice,
      lost: lease.signal,
      sure: () => undefined,
      done: async () => {
        if (!dropLease(queue, item, lease)) return
        queue.items.delete(slice.sliceId)
        options.onDone(idc, slice.sliceId)
      },
      release,
    }
    void new Promise<void>((resolve) => resolve(consumer.on(delivery)))
      .catch(() => undefined)
      .then(() => release(RETRY_MS))
      .finally(() => dispatchSoon(queue))
  }

  const dispatch = (queue: IdcQueue): void => {
    let busy = queue.consumers.size
    while (busy > 0 && queue.waiting.size > 0) {
      busy = 0
      for (const consumer of queue.consumers) {
        if (queue.waiting.size === 0) return
        if (consumer.slots() <= 0) continue
        const item = takeNext(queue)
        if (!item) return
        deliver(queue, item, consumer)
        busy++
      }
    }
  }

  const dispatchSoon = (queue: IdcQueue): void => {
    if (queue.dispatching || closed) return
    queue.dispatching = true
    setImmediate(() => {
      queue.dispatching = false
      if (!closed) dispatch(queue)
    })
  }

  return {
    async offer(idc, slices) {
      if (closed) throw new Problem('ENGINE_CLOSED')
      const queue = queueOf(idc)
      for (const slice of slices) {
        if (queue.items.has(slice.sliceId)) continue
        const item: Item = { idc, slice }
        queue.items.set(slice.sliceId, item)
        wait(queue, item)
      }
    },

    async consume(idc, { slots }, on) {
      if (closed) throw new Problem('ENGINE_CLOSED')
      const queue = queueOf(idc)
      const consumer: Consumer = { slots, on }
      queue.consumers.add(consumer)
      dispatchSoon(queue)
      return async () => {
        queue.consumers.delete(consumer)
      }
    },

    async withdraw(idc, sliceIds) {
      const queue = queueOf(idc)
      const removed: string[] = []
      for (const sliceId of sliceIds) {
        const item = queue.items.get(sliceId)
        if (!item || item.lease) continue
        item.endDelay?.()
        unwait(queue, item)
        queue.items.delete(sliceId)
        removed.push(sliceId)
      }
      return removed
    },

    async depth(idc) {
      const queue = queueOf(idc)
      return { waiting: queue.items.size - queue.leased, leased: queue.leased }
    },

    close() {
      closed = true
      for (const queue of queues.values()) {
        queue.consumers.clear()
        for (const item of queue.items.values()) {
          item.endDelay?.()
          item.lease?.abort()
          item.lease = undefined
        }
        queue.items.clear()
        queue.waiting.clear()
        queue.leased = 0
      }
    },
  }
}
