// How many more slices a controller takes: as many as it can begin, so that others in its IDC have something to do.

import { type Clock, SLICE_MAX_HOSTS } from '@omserver/core'

/**
 * Beyond what it can begin, one slice each so often. Runs take turns only among the slices that are held: a short run
 * behind a long one in the queue would otherwise wait until that is through.
 */
const EXTRA_EVERY_MS = 500

export interface SliceRoom {
  slots(): number
  took(): void
}

/** @param demand hosts that the slices held could have in flight at once. @param capacity that there may be */
export const createSliceRoom = (
  clock: Pick<Clock, 'monotonic'>,
  capacity: number,
  demand: () => number,
): SliceRoom => {
  let lastTook = Number.NEGATIVE_INFINITY
  return {
    slots() {
      const free = capacity - demand()
      if (free > 0) return Math.ceil(free / SLICE_MAX_HOSTS)
      return clock.monotonic() - lastTook >= EXTRA_EVERY_MS ? 1 : 0
    },
    took() {
      lastTook = clock.monotonic()
    },
  }
}

/** In a process of its own there is nobody to leave anything to. */
export const endlessRoom: SliceRoom = {
  slots: () => Number.POSITIVE_INFINITY,
  took: () => undefined,
}
