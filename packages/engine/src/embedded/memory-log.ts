// The event log of the embedded engine: entries live in memory until the reader has committed them.

import { type HostEnded, type HostStarted, Problem, type SliceEvent } from '@omserver/core'
import type { After } from '../after.ts'
import type { EventLog, HistoryEntry, Idc, LogEntry } from '../ports.ts'

/** One transaction of the reader. More events gain nothing; more bytes cost memory and a longer commit. */
const BATCH_EVENTS = 1_000
const BATCH_BYTES = 4 * 1024 * 1024

const GATHER_TURNS = 8

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 5_000

/** Facts of ended slices that are kept, so that a slice offered by mistake a second time is known to have ended. */
const ENDED_FACTS = 20_000

interface Waiter {
  readonly seq: number
  readonly resolve: () => void
  readonly reject: (reason: Problem) => void
}

interface Reader {
  at: number
  busy: Promise<void> | undefined
  stopped: boolean
  failures: number
  lastError: string
  endPause: (() => void) | undefined
  readonly on: (entries: readonly LogEntry[]) => Promise<void>
}

/**
 * One claim, start or end. Not the event itself: two for each host of all the slices under way, and of those that
 * ended last, would be a quarter of a server's memory.
 */
type Fact =
  | { readonly seq: number; readonly kind: 'slice.claimed'; readonly by: string }
  | {
      readonly seq: number
      readonly kind: (HostStarted | HostEnded)['kind']
      readonly hostId: string
      readonly fence: number
    }

interface SliceHistory {
  fence: number
  by: string
  readonly facts: Fact[]
}

interface IdcLog {
  seq: number
  /** What some reader has not committed yet, in order, without a gap up to `seq`. */
  entries: LogEntry[]
  waiters: Waiter[]
  readonly readers: Set<Reader>
  readonly slices: Map<string, SliceHistory>
  /** Ended slices, oldest first. */
  readonly ended: Set<string>
  endedFacts: number
}

export interface MemoryLog extends EventLog {
  /** The slice has left the queue. */
  sliceEnded(idc: Idc, sliceId: string): void
  /** The last error of a reader that does not get on; undefined: all is well. */
  trouble(idc: Idc): string | undefined
  close(): Promise<void>
}

const factOf = (seq: number, event: SliceEvent): Fact | undefined => {
  switch (event.kind) {
    case 'slice.claimed':
      return { seq, kind: event.kind, by: event.by }
    case 'host.started':
    case 'host.ended':
      return { seq, kind: event.kind, hostId: event.hostId, fence: event.fence }
    default:
      return undefined
  }
}

const entryOf = (sliceId: string, fact: Fact): HistoryEntry => {
  const { seq } = fact
  if (fact.kind === 'slice.claimed') {
    return { seq, event: { kind: fact.kind, sliceId, fence: seq, by: fact.by } }
  }
  const { kind, hostId, fence } = fact
  return { seq, event: { kind, sliceId, hostId, fence } }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const nextBatch = (log: IdcLog, after: number): readonly LogEntry[] => {
  const from = after - (log.seq - log.entries.length)
  let bytes = 0
  let to = from
  while (to < log.entries.length && to - from < BATCH_EVENTS && bytes < BATCH_BYTES) {
    const event = log.entries[to]?.event
    if (event && 'bytes' in event) bytes += event.bytes.length
    to++
  }
  return log.entries.slice(from, to)
}

/**
 * What is appended in the same turn, during a commit, and in the turns that follow as long as each brings something
 * more, shares one commit. An idle log waits for a turn, a busy one for a few: no timer, nothing anybody notices.
 */
const gathered = async (log: IdcLog, reader: Reader): Promise<void> => {
  for (let turn = 0; turn < GATHER_TURNS; turn++) {
    const seen = log.seq
    await nextTurn()
    if (log.seq === seen || log.seq - reader.at >= BATCH_EVENTS) return
  }
}

/** Resolves whoever waited for what all readers have committed now, and forgets those entries. */
const settle = (log: IdcLog): void => {
  if (log.readers.size === 0) return
  let committed = log.seq
  for (const reader of log.readers) committed = Math.min(committed, reader.at)
  const first = log.seq - log.entries.length + 1
  if (committed >= first) log.entries.splice(0, committed - first + 1)
  const pending = log.waiters.findIndex((waiter) => waiter.seq > committed)
  for (const waiter of log.waiters.splice(0, pending < 0 ? log.waiters.length : pending)) {
    waiter.resolve()
  }
}

const record = (log: IdcLog, event: SliceEvent): void => {
  const entry = { seq: ++log.seq, event }
  log.entries.push(entry)
  const fact = factOf(entry.seq, event)
  if (!fact) return
  const known = log.slices.get(event.sliceId)
  if (known) known.facts.push(fact)
  else log.slices.set(event.sliceId, { fence: event.fence, by: event.by, facts: [fact] })
}

export const memoryLog = (options: {
  readonly after: After
  readonly newEpoch: () => string
}): MemoryLog => {
  const logs = new Map<Idc, IdcLog>()
  const epoch = options.newEpoch()
  let closed = false

  const logOf = (idc: Idc): IdcLog => {
    let log = logs.get(idc)
    if (!log) {
      log = {
        seq: 0,
        entries: [],
        waiters: [],
        readers: new Set(),
        slices: new Map(),
        ended: new Set(),
        endedFacts: 0,
      }
      logs.set(idc, log)
    }
    return log
  }

  const pause = (reader: Reader): Promise<void> =>
    new Promise((resolve) => {
      const ms = Math.min(FIRST_PAUSE_MS * 2 ** (reader.failures - 1), LONGEST_PAUSE_MS)
      const cancel = options.after(ms, resolve)
      reader.endPause = () => {
        cancel()
        resolve()
      }
    })

  const feed = async (log: IdcLog, reader: Reader): Promise<void> => {
    await gathered(log, reader)
    while (!reader.stopped && reader.at < log.seq) {
      const batch = nextBatch(log, reader.at)
      try {
        await reader.on(batch)
        reader.failures = 0
        reader.at = batch.at(-1)?.seq ?? reader.at
        settle(log)
        await gathered(log, reader)
      } catch (error) {
        // A busy database or a full disk passes: until then nobody is told that the events are durable.
        reader.failures++
        reader.lastError = error instanceof Error ? error.message : String(error)
        await pause(reader)
      }
    }
  }

  const wake = (log: IdcLog): void => {
    for (const reader of log.readers) {
      if (reader.stopped || reader.at >= log.seq) continue
      reader.busy ??= feed(log, reader).finally(() => {
        reader.busy = undefined
        // What was appended after the loop had looked for the last time.
        wake(log)
      })
    }
  }

  const stopReader = async (log: IdcLog, reader: Reader): Promise<void> => {
    reader.stopped = true
    reader.endPause?.()
    await reader.busy
    log.readers.delete(reader)
    settle(log)
  }

  return {
    keptBy: 'reader',
    async append(idc, events) {
      if (closed) throw new Problem('ENGINE_CLOSED')
      if (events.length === 0) return
      const log = logOf(idc)
      for (const event of events) record(log, event)
      wake(log)
      await new Promise<void>((resolve, reject) => {
        log.waiters.push({ seq: log.seq, resolve, reject })
      })
    },

    async claim(idc, claim, previous) {
      if (closed) throw new Problem('ENGINE_CLOSED')
      const log = logOf(idc)
      const held = log.slices.get(claim.sliceId)
      if ((held?.fence ?? 0) !== previous) {
        return { ok: false, heldBy: held?.by ?? '', fence: held?.fence ?? 0 }
      }
      const fence = log.seq + 1
      if (held) {
        held.fence = fence
        held.by = claim.by
      }
      record(log, { kind: 'slice.claimed', ...claim, fence, n: 0 })
      wake(log)
      return { ok: true, fence }
    },

    async history(idc, sliceId) {
      const { facts } = logOf(idc).slices.get(sliceId) ?? { facts: [] }
      return facts.map((fact) => entryOf(sliceId, fact))
    },

    async read(idc, after, on) {
      if (closed) throw new Problem('ENGINE_CLOSED')
      const log = logOf(idc)
      if (after > log.seq)
        throw new RangeError(`the log of ${idc} ends at ${log.seq}, not ${after}`)
      const reader: Reader = {
        at: Math.max(after, log.seq - log.entries.length),
        busy: undefined,
        stopped: false,
        failures: 0,
        lastError: '',
        endPause: undefined,
        on,
      }
      log.readers.add(reader)
      wake(log)
      return () => stopReader(log, reader)
    },

    async info(idc) {
      const log = logOf(idc)
      return { first: log.seq - log.entries.length + 1, last: log.seq, epoch }
    },

    behind: async (idc, cursor) => Math.max(0, logOf(idc).seq - cursor),
    epoch: async () => epoch,

    async trim(idc, upTo) {
      const log = logOf(idc)
      for (const sliceId of log.ended) {
        const history = log.slices.get(sliceId)
        if ((history?.facts.at(-1)?.seq ?? 0) > upTo) continue
        log.ended.delete(sliceId)
        log.slices.delete(sliceId)
        log.endedFacts -= history?.facts.length ?? 0
      }
    },

    sliceEnded(idc, sliceId) {
      const log = logOf(idc)
      const history = log.slices.get(sliceId)
      if (!history || log.ended.has(sliceId)) return
      log.ended.add(sliceId)
      log.endedFacts += history.facts.length
      for (const oldest of log.ended) {
        if (log.endedFacts <= ENDED_FACTS) break
        log.endedFacts -= log.slices.get(oldest)?.facts.length ?? 0
        log.ended.delete(oldest)
        log.slices.delete(oldest)
      }
    },

    trouble(idc) {
      for (const reader of logOf(idc).readers) if (reader.failures > 0) return reader.lastError
      return undefined
    },

    async close() {
      if (closed) return
      closed = true
      for (const log of logs.values()) {
        await Promise.all([...log.readers].map((reader) => stopReader(log, reader)))
        for (const waiter of log.waiters.splice(0)) waiter.reject(new Problem('ENGINE_CLOSED'))
      }
    },
  }
}
