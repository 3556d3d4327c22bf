// Who starts next: the runs take turns, each slice keeps to its share, and all keep to one limit.

/** One slice, as the queue sees it. */
export interface Lane {
  readonly runId: string
  /** Hosts in flight at once. */
  readonly limit: number
  /** The next host to carry out; undefined: there is none now. The promise must not reject. */
  next(): (() => Promise<void>) | undefined
}

export interface FairQueue {
  /** Also after a lane that had nothing more has something again. */
  add(lane: Lane): void
  /** Starts no more of it. */
  remove(lane: Lane): void
  inFlight(): number
}

/** Starts within one turn of the event loop; then others get theirs. */
const STARTS_PER_TURN = 256

export const createFairQueue = (maxInFlight: number): FairQueue => {
  /** Lanes that may start a host, by run; the first run, and in it the first lane, is next. */
  const ready = new Map<string, Set<Lane>>()
  const lanes = new Set<Lane>()
  const flying = new Map<Lane, number>()
  let inFlight = 0
  let scheduled = false

  const putReady = (lane: Lane): void => {
    if (!lanes.has(lane) || (flying.get(lane) ?? 0) >= Math.max(1, lane.limit)) return
    const others = ready.get(lane.runId)
    if (others) others.add(lane)
    else ready.set(lane.runId, new Set([lane]))
  }

  const takeReady = (): Lane | undefined => {
    for (const [runId, of] of ready) {
      ready.delete(runId)
      for (const lane of of) {
        of.delete(lane)
        if (of.size > 0) ready.set(runId, of)
        return lane
      }
    }
    return undefined
  }

  const ended = (lane: Lane): void => {
    inFlight--
    const left = (flying.get(lane) ?? 1) - 1
    if (left > 0) flying.set(lane, left)
    else flying.delete(lane)
    putReady(lane)
    pumpSoon()
  }

  const pump = (): void => {
    let starts = 0
    while (inFlight < maxInFlight && ready.size > 0) {
      if (starts === STARTS_PER_TURN) {
        pumpSoon()
        return
      }
      const lane = takeReady()
      const start = lane?.next()
      if (!lane || !start) continue
      starts++
      inFlight++
      flying.set(lane, (flying.get(lane) ?? 0) + 1)
      putReady(lane)
      void start().finally(() => ended(lane))
    }
  }

  const pumpSoon = (): void => {
    if (scheduled || ready.size === 0 || inFlight >= maxInFlight) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      pump()
    })
  }

  return {
    add(lane) {
      lanes.add(lane)
      putReady(lane)
      pumpSoon()
    },
    remove(lane) {
      lanes.delete(lane)
      const others = ready.get(lane.runId)
      others?.delete(lane)
      if (others?.size === 0) ready.delete(lane.runId)
    },
    inFlight: () => inFlight,
  }
}
