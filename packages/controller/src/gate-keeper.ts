// Lets so many in at a time, in the order they came; who gives up waiting leaves the queue.

export interface GateKeeper {
  /** Resolves to a function that leaves again (once), or to undefined when the signal came first. */
  enter(signal: AbortSignal): Promise<(() => void) | undefined>
}

export const createGateKeeper = (places: number): GateKeeper => {
  let free = places
  const waiting = new Set<(leave: () => void) => void>()

  const leaver = (): (() => void) => {
    let left = false
    return () => {
      if (left) return
      left = true
      const first = waiting.values().next().value
      if (first === undefined) free++
      else {
        waiting.delete(first)
        first(leaver())
      }
    }
  }

  return {
    enter: (signal) => {
      if (signal.aborted) return Promise.resolve(undefined)
      if (free > 0) {
        free--
        return Promise.resolve(leaver())
      }
      const { promise, resolve } = Promise.withResolvers<(() => void) | undefined>()
      const admit = (leave: () => void): void => {
        signal.removeEventListener('abort', giveUp)
        resolve(leave)
      }
      const giveUp = (): void => {
        waiting.delete(admit)
        resolve(undefined)
      }
      signal.addEventListener('abort', giveUp, { once: true })
      waiting.add(admit)
      return promise
    },
  }
}
