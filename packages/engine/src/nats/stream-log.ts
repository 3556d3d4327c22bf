// The event log of the NATS engine: one stream for each IDC, and its epoch in every subject.

import { headers } from '@nats-io/transport-node'
import { Problem, type SliceEvent } from '@omserver/core'
import type {
  ClaimResult,
  EventLog,
  HistoryEntry,
  HistoryEvent,
  Idc,
  LogEntry,
  LogInfo,
  Stop,
} from '../ports.ts'
import type { Sealing } from '../sealing/sealing.ts'
import { isUnheard } from './answers.ts'
import { publishAfter } from './compare-and-set.ts'
import { follow, openFeed } from './feed.ts'
import type { Line } from './line.ts'
import { type LogLanes, logLanes, logLost } from './log-lanes.ts'
import { type LogReader, openLogReader } from './log-reader.ts'
import {
  EVENTS_A_MESSAGE,
  fromToken,
  lastToken,
  type Names,
  position,
  sequenceOf,
  sliceIdOf,
} from './names.ts'
import { encodeEvent, packEvents, unpackEvents } from './payload.ts'
import type { Sites } from './sites.ts'

const isHistory = (event: SliceEvent): event is SliceEvent & HistoryEvent =>
  event.kind === 'slice.claimed' || event.kind === 'host.started' || event.kind === 'host.ended'

interface Stored {
  readonly subject: string
  readonly seq: number
  readonly data: Uint8Array
}

/** On a claim: which call wrote it. */
const CALL = 'Om-Call'

export interface StreamLog extends EventLog {
  /**
   * All that is said of one slice, in order, from its beginning; then what follows. For who reads no more of the log.
   * Rejects when the log is another one than that of the epoch; `onLost`: it has become one.
   */
  followSlice(
    of: { readonly idc: Idc; readonly epoch: string; readonly sliceId: string },
    on: (entries: readonly LogEntry[]) => void | Promise<void>,
    onLost: () => void,
  ): Promise<{ readonly caughtUp: Promise<void>; readonly stop: Stop }>
  trouble(idc: Idc): string | undefined
  isStuck(idc: Idc): boolean
  /** Stops every reader. */
  close(): Promise<void>
}

export const streamLog = (parts: {
  /** For claims: they are awaited before a host is started. */
  readonly quick: Line
  /** For what may be large. */
  readonly bulk: Line
  readonly names: Names
  readonly sites: Sites
  readonly sealing: Sealing
  readonly monotonic: () => number
  readonly newId: () => string
  /** Of what stands in the way of a reader. */
  readonly tell: (idc: Idc, what: string) => void
}): StreamLog => {
  const { quick, bulk, names, sites, sealing, newId } = parts
  const lanes: LogLanes = logLanes({ ...parts, line: bulk })
  const readers = new Map<LogReader, Idc>()

  const enter = (idc: Idc): Promise<string> => {
    if (quick.closed.aborted) throw new Problem('ENGINE_CLOSED')
    return sites.ready(idc)
  }

  const tryClaim = async (
    idc: Idc,
    claim: Parameters<EventLog['claim']>[1],
    previous: number,
    call: string,
  ): Promise<ClaimResult> => {
    const epoch = await sites.ready(idc)
    const subject = names.claims(idc, epoch, claim.sliceId)
    const marked = headers()
    marked.set(CALL, call)
    const plain = packEvents([encodeEvent({ kind: 'slice.claimed', ...claim, fence: 0, n: 0 })])
    const data = sealing.sealEvents(claim.sliceId, plain)
    // A number that no claim can have is nobody's starting point.
    if (previous === position(sequenceOf(previous), 0)) {
      const expected = sequenceOf(previous)
      const seq = await publishAfter(quick.js, expected, { subject, data }, { headers: marked })
      if (seq !== undefined) return { ok: true, fence: position(seq, 0) }
    }
    const stream = names.logStream(idc)
    const held = await quick.jsm.streams.getMessage(stream, { last_by_subj: subject })
    if (!held) return { ok: false, heldBy: '', fence: 0 }
    const fence = position(held.seq, 0)
    // This very call has won, and only the answer was lost.
    if (held.header.get(CALL) === call) return { ok: true, fence }
    const by = unpackEvents(sealing.openEvents(claim.sliceId, held.data), held.seq)[0]?.event.by
    return { ok: false, heldBy: by ?? '', fence }
  }

  const readHistory = async (idc: Idc, sliceId: string): Promise<readonly HistoryEntry[]> => {
    const epoch = await sites.ready(idc)
    const entries: HistoryEntry[] = []
    const start = {
      stream: names.logStream(idc),
      from: 1,
      filter: names.history(idc, epoch, sliceId),
      once: true as const,
    }
    const feed = await openFeed(bulk, start, ({ data, seq }) => {
      for (const { seq: at, event } of unpackEvents(sealing.openEvents(sliceId, data), seq)) {
        if (isHistory(event)) entries.push({ seq: at, event })
      }
    })
    try {
      await feed.caughtUp
    } finally {
      feed.close()
    }
    return entries
  }

  const readInfo = async (idc: Idc): Promise<LogInfo> => {
    const stream = names.logStream(idc)
    const epoch = await sites.look(idc)
    const { state } = await quick.jsm.streams.info(stream)
    if (state.messages === 0) {
      const last = state.last_seq === 0 ? 0 : position(state.last_seq, EVENTS_A_MESSAGE - 1)
      return { first: position(state.first_seq, 0), last, epoch }
    }
    const first = position(state.first_seq, 0)
    for (let seq = state.last_seq; seq >= state.first_seq; seq--) {
      const message = await quick.jsm.streams.getMessage(stream, { seq })
      // It was trimmed since we were told of it.
      if (!message && seq === state.last_seq) return readInfo(idc)
      const events = message ? await eventsIn(idc, message) : 0
      if (events > 0) return { first, last: position(seq, events - 1), epoch }
    }
    return { first, last: first - 1, epoch }
  }

  /** 0 for what no reader is given either: it was not written by a holder of its slice. */
  const eventsIn = async (idc: Idc, { subject, seq, data }: Stored): Promise<number> => {
    const sliceId = sliceIdOf(subject)
    await sealing.know?.(idc, sliceId)
    let plain: Uint8Array
    try {
      plain = sealing.openEvents(sliceId, data)
    } catch {
      return 0
    }
    return unpackEvents(plain, seq).length
  }

  /** The sequence of the first thing that is known of a slice. */
  const firstOf = async (idc: Idc, epoch: string, sliceId: string): Promise<number> => {
    const subject = names.claims(idc, epoch, sliceId)
    const query = { seq: 1, next_by_subj: subject }
    const message = await quick.jsm.streams.getMessage(names.logStream(idc), query)
    return message?.seq ?? Number.POSITIVE_INFINITY
  }

  const trimLog = async (idc: Idc, upTo: number): Promise<void> => {
    const epoch = await sites.ready(idc)
    const { jsm } = quick
    const work = await jsm.streams.info(names.workStream(idc), { subjects_filter: '>' })
    const queued = Object.keys(work.state.subjects ?? {}).map((s) => fromToken(lastToken(s)))
    const kept = await Promise.all(queued.map((sliceId) => firstOf(idc, epoch, sliceId)))
    const read = [...readers].flatMap(([reader, of]) => (of === idc ? [reader.at()] : []))
    // A message goes when all its events may go.
    const seq = Math.min(sequenceOf(Math.min(upTo, ...read) + 1), ...kept)
    if (seq > 1) await jsm.streams.purge(names.logStream(idc), { seq })
  }

  return {
    keptBy: 'store',
    append: lanes.append,

    async claim(idc, claim, previous) {
      await enter(idc)
      const call = newId()
      return quick.persist(async () => {
        const epoch = sites.known(idc)
        try {
          return await tryClaim(idc, claim, previous, call)
        } catch (error) {
          // Another log by now? Only who starts from nothing can claim there what was claimed here.
          if (isUnheard(error) && (await sites.look(idc)) !== epoch && previous !== 0) {
            throw logLost(idc)
          }
          throw error
        }
      })
    },

    async history(idc, sliceId) {
      await enter(idc)
      return bulk.persist(() => readHistory(idc, sliceId))
    },

    async read(idc, after, on, onLost = () => undefined) {
      await enter(idc)
      const { last, epoch } = await quick.persist(() => readInfo(idc))
      if (after > last) throw new RangeError(`the log of ${idc} ends at ${last}, not ${after}`)
      const place = { line: bulk, names, sites, sealing, tell: parts.tell }
      const reader = openLogReader(place, { idc, epoch, after }, on, onLost)
      readers.set(reader, idc)
      return async () => {
        await reader.stop()
        readers.delete(reader)
      }
    },

    async info(idc) {
      await enter(idc)
      return quick.persist(() => readInfo(idc))
    },

    async behind(idc, cursor) {
      await enter(idc)
      const info = await quick.persist(() => quick.jsm.streams.info(names.logStream(idc)))
      return Math.max(0, info.state.last_seq - sequenceOf(cursor))
    },

    async epoch(idc) {
      await enter(idc)
      return quick.persist(() => sites.look(idc))
    },

    async followSlice({ idc, epoch, sliceId }, on, onLost) {
      await enter(idc)
      let next = 1
      return follow(bulk, {
        async start() {
          if ((await sites.look(idc)) !== epoch) {
            onLost()
            return undefined
          }
          const filter = names.slice(idc, epoch, sliceId)
          return { stream: names.logStream(idc), filter, from: next }
        },
        async onMessage({ data, seq }) {
          let plain: Uint8Array
          try {
            plain = sealing.openEvents(sliceId, data)
          } catch {
            // Written by somebody who does not hold the slice.
            next = seq + 1
            return
          }
          await on(unpackEvents(plain, seq))
          next = seq + 1
        },
      })
    },

    async trim(idc, upTo) {
      await enter(idc)
      await quick.persist(() => trimLog(idc, upTo))
    },

    trouble(idc) {
      const own = [...readers].filter(([, of]) => of === idc)
      return own.map(([reader]) => reader.trouble()).find(Boolean) ?? lanes.trouble(idc)
    },

    isStuck: (idc) => [...readers].some(([reader, of]) => of === idc && reader.isStuck()),

    async close() {
      await Promise.all([...readers.keys()].map((reader) => reader.stop()))
      readers.clear()
    },
  }
}
