// How far a run is, how fast it goes, and when it will end. Pure; durations in ms.

import type { HostCounts } from '@omserver/core'

export interface Progress {
  readonly ended: number
  readonly total: number
  /** Hosts a second over the whole run; 0 before the first has ended. */
  readonly rate: number
  /** null: cannot be told yet, or nothing is left. */
  readonly remainingMs: number | null
  /** Longer than such runs usually take. */
  readonly overtime: boolean
}

export const progressOf = (
  counts: HostCounts,
  total: number,
  elapsedMs: number,
  usualMs: number | null,
): Progress => {
  const ended = total - counts.queued - counts.running
  const rate = elapsedMs > 0 ? (ended * 1000) / elapsedMs : 0
  const left = total - ended
  const byRate = ended >= Math.min(10, total / 2) && rate > 0 ? (left * 1000) / rate : null
  const byHabit = usualMs !== null && usualMs > elapsedMs ? usualMs - elapsedMs : null
  return {
    ended,
    total,
    rate,
    remainingMs: left === 0 ? null : (byRate ?? byHabit),
    overtime: usualMs !== null && elapsedMs > usualMs && left > 0,
  }
}
