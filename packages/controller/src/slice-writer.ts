// Writes the events of one claim on a slice: numbered without a gap, and none after the claim was lost.

import type { Clock, Slice, SliceEvent } from '@omserver/core'
import type { Outbox } from './outbox.ts'

type WithoutOrigin<E> = E extends SliceEvent
  ? Omit<E, 'runId' | 'sliceId' | 'fence' | 'n' | 'by' | 'at'>
  : never
type NewSliceEvent = WithoutOrigin<SliceEvent>

export interface SliceWriter {
  /** Resolves when durable; rejects when it never will be, or the claim is lost. */
  write(event: NewSliceEvent): Promise<void>
  /** Nothing more is written. */
  close(): void
}

export const createSliceWriter = (
  claim: { readonly slice: Slice; readonly fence: number; readonly by: string },
  outbox: Outbox,
  clock: Clock,
  onBroken: (error: unknown) => void,
): SliceWriter => {
  const { runId, sliceId } = claim.slice
  const { fence, by } = claim
  const refused = Promise.reject(new Error(`slice ${sliceId} is not ours any more`))
  // Not every writer waits for what it wrote; who does sees the rejection.
  refused.catch(() => undefined)
  let n = 0
  let closed = false
  return {
    write(event) {
      if (closed) return refused
      const written = outbox.add({ runId, sliceId, fence, n: ++n, by, at: clock.now(), ...event })
      written.catch((error: unknown) => {
        if (closed) return
        // An event is missing in the log: what would follow has a gap before it.
        closed = true
        onBroken(error)
      })
      return written
    },
    close() {
      closed = true
    },
  }
}
