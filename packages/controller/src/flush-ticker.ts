// One timer for the output of all hosts: what was written within its interval goes out together.

import type { After } from '@omserver/engine'

const INTERVAL_MS = 50

export interface FlushTicker {
  add(flush: () => void): void
  remove(flush: () => void): void
}

export const createFlushTicker = (after: After): FlushTicker => {
  const due = new Set<() => void>()
  let ticking = false
  const tick = (): void => {
    ticking = false
    const flushes = [...due]
    due.clear()
    for (const flush of flushes) flush()
  }
  return {
    add(flush) {
      due.add(flush)
      if (ticking) return
      ticking = true
      after(INTERVAL_MS, tick)
    },
    remove(flush) {
      due.delete(flush)
    },
  }
}
