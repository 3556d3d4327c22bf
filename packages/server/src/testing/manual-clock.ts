// A clock that moves when a test says so.

import type { Clock } from '../services.ts'

export interface ManualClock extends Clock {
  advance(ms: number): void
}

export const manualClock = (start = Date.UTC(2026, 0, 5, 8)): ManualClock => {
  let elapsed = 0
  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    advance: (ms) => {
      elapsed += ms
    },
  }
}
