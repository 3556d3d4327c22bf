// How much output may be on its way to the log at once: who writes faster than it is stored has to wait.

export interface OutputRoom {
  take(bytes: number): void
  give(bytes: number): void
  /** undefined: there is room. Else resolves when there is room again. */
  wait(): Promise<void> | undefined
}

export const createOutputRoom = (limit: number): OutputRoom => {
  let used = 0
  let waiting: { readonly promise: Promise<void>; readonly wake: () => void } | undefined
  return {
    take(bytes) {
      used += bytes
    },
    give(bytes) {
      used -= bytes
      if (used > limit / 2) return
      waiting?.wake()
      waiting = undefined
    },
    wait() {
      if (used <= limit) return undefined
      if (!waiting) {
        const { promise, resolve } = Promise.withResolvers<void>()
        waiting = { promise, wake: resolve }
      }
      return waiting.promise
    },
  }
}
