// One timer for all connections: each is visited once in a period, a few at every tick.

export interface KeepAliveWheel<T> {
  add(one: T): void
  remove(one: T): void
  stop(): void
}

const SPOKES = 20

export const createKeepAliveWheel = <T extends object>(
  periodMs: number,
  visit: (one: T) => void,
): KeepAliveWheel<T> => {
  const spokes = Array.from({ length: SPOKES }, () => new Set<T>())
  const placeOf = new WeakMap<T, Set<T>>()
  let next = 0
  let at = 0
  let timer: NodeJS.Timeout | undefined
  let count = 0

  const turn = (): void => {
    const spoke = spokes[at++ % SPOKES]
    for (const one of spoke ?? []) visit(one)
  }

  return {
    add: (one) => {
      const spoke = spokes[next++ % SPOKES]
      if (!spoke || placeOf.has(one)) return
      spoke.add(one)
      placeOf.set(one, spoke)
      count++
      timer ??= setInterval(turn, periodMs / SPOKES).unref()
    },
    remove: (one) => {
      if (!placeOf.get(one)?.delete(one)) return
      placeOf.delete(one)
      if (--count > 0) return
      clearInterval(timer)
      timer = undefined
    },
    stop: () => {
      clearInterval(timer)
      timer = undefined
    },
  }
}
