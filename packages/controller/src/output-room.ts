// How much output may be on its way to the log at once: who writes faster than it is stored has to wait.

export interface OutputRoom {
  take(bytes: number): void
  give(bytes: number): void
  /** undefined: there is room. Else resolves when there is room again, in the order of the calls. */
  wait(): Promise<void> | undefined
}

/**
 * Whoever is let go on may have a megabyte at hand, to be hashed and sealed: some milliseconds. All of them at once
 * would be a tenth of a second in which no abort is heard.
 */
const TURN_MS = 10

export const createOutputRoom = (
  limit: number,
  monotonic: () => number = () => performance.now(),
): OutputRoom => {
  let used = 0
  let waking = false
  const waiting: (() => void)[] = []
  let next = 0

  const wakeSome = async (): Promise<void> => {
    const until = monotonic() + TURN_MS
    while (used <= limit) {
      const wake = waiting[next]
      if (!wake) break
      next++
      wake()
      // What it has at hand it does in its own turn of the microtasks, before we look at the time.
      await undefined
      await undefined
      if (monotonic() > until) break
    }
    waking = false
    if (next < waiting.length) return wakeSoon()
    waiting.length = 0
    next = 0
  }

  const wakeSoon = (): void => {
    if (waking || next === waiting.length || used > limit) return
    waking = true
    setImmediate(() => void wakeSome())
  }

  return {
    take(bytes) {
      used += bytes
    },
    give(bytes) {
      used -= bytes
      wakeSoon()
    },
    wait() {
      if (used <= limit && next === waiting.length) return undefined
      return new Promise((resolve) => {
        waiting.push(resolve)
        wakeSoon()
      })
    },
  }
}
