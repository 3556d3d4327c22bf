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
const WOKEN_A_TURN = 4

export const createOutputRoom = (limit: number): OutputRoom => {
  let used = 0
  let scheduled = false
  const waiting: (() => void)[] = []
  let next = 0

  const wakeSome = (): void => {
    scheduled = false
    for (let woken = 0; woken < WOKEN_A_TURN && used <= limit; woken++) {
      const wake = waiting[next]
      if (!wake) break
      next++
      wake()
    }
    if (next < waiting.length) return wakeSoon()
    waiting.length = 0
    next = 0
  }

  const wakeSoon = (): void => {
    if (scheduled || next === waiting.length || used > limit) return
    scheduled = true
    setImmediate(wakeSome)
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
