// Reads the log of an IDC after a cursor: in order, without a gap, again while its reader rejects.

import type { Idc, LogEntry, Stop } from '../ports.ts'
import type { Sealing } from '../sealing/sealing.ts'
import { follow } from './feed.ts'
import type { Line } from './line.ts'
import { epochOf, type Names, sequenceOf, sliceIdOf } from './names.ts'
import { unpackEvents } from './payload.ts'
import type { Sites } from './sites.ts'

/** One transaction of the reader: short enough that whoever wants something meanwhile, an abort above all, gets his turn. */
const BATCH_EVENTS = 2_000
const BATCH_BYTES = 512 * 1024

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 5_000

const sizeOf = ({ event }: LogEntry): number => ('bytes' in event ? event.bytes.length : 0)

export interface LogReader {
  /** What lies at or below has been read. */
  at(): number
  /** The last error of a reader that does not get on; undefined: all is well. */
  trouble(): string | undefined
  /** Before a message that cannot be read: nothing is passed over. */
  isStuck(): boolean
  readonly stop: Stop
}

export const openLogReader = (
  parts: {
    readonly line: Line
    readonly names: Names
    readonly sites: Sites
    readonly sealing: Sealing
    readonly tell: (idc: Idc, what: string) => void
  },
  from: { readonly idc: Idc; readonly epoch: string; readonly after: number },
  on: (entries: readonly LogEntry[]) => Promise<void>,
  onLost: () => void,
): LogReader => {
  const { line, names, sites, sealing } = parts
  const { idc, epoch } = from
  const waiting: LogEntry[] = []
  let waitingBytes = 0
  let endPause = (): void => undefined
  let at = from.after
  let received = from.after
  let stopped = false
  let lost = false
  let trouble: string | undefined
  let forged: string | undefined
  let stuck = false
  let delivering: Promise<void> | undefined

  const lose = (): void => {
    if (lost || stopped) return
    lost = true
    waiting.length = 0
    onLost()
  }

  // Not first when a feed ends: until then others would go on as if nothing had happened.
  const offLost = sites.onLost((which) => {
    if (which === idc) lose()
  })

  const nextBatch = (): readonly LogEntry[] => {
    let bytes = 0
    let count = 0
    for (const entry of waiting) {
      if (count === BATCH_EVENTS || bytes >= BATCH_BYTES) break
      bytes += sizeOf(entry)
      count++
    }
    return waiting.slice(0, count)
  }

  const deliver = async (): Promise<void> => {
    let pauseMs = FIRST_PAUSE_MS
    while (!stopped && !lost && waiting.length > 0) {
      const batch = nextBatch()
      try {
        await on(batch)
        waiting.splice(0, batch.length)
        for (const entry of batch) waitingBytes -= sizeOf(entry)
        at = batch.at(-1)?.seq ?? at
        trouble = undefined
        stuck = false
        pauseMs = FIRST_PAUSE_MS
      } catch (error) {
        trouble = error instanceof Error ? error.message : String(error)
        const stop = new Promise<void>((resolve) => {
          endPause = resolve
        })
        await Promise.race([line.pause(pauseMs), stop])
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
      }
    }
    // At once: what arrives from now on must not be left to a loop that has looked for the last time.
    delivering = undefined
  }

  const deliverSoon = (): Promise<void> => {
    delivering ??= Promise.resolve().then(deliver)
    return delivering
  }

  /**
   * What a newer controller wrote waits until the server is as new: left out, it would be a gap. What was not sealed
   * with the key of its slice was written by somebody who holds no slice: it is left out, and holds up nobody.
   */
  const read = (sealed: Uint8Array, seq: number, subject: string): readonly LogEntry[] => {
    let data: Uint8Array
    try {
      data = sealing.openEvents(sliceIdOf(subject), sealed)
    } catch {
      forged = `message ${seq} was not written by a holder of its slice`
      return []
    }
    try {
      return unpackEvents(data, seq)
    } catch (error) {
      trouble = `message ${seq} cannot be read: ${error instanceof Error ? error.message : error}`
      stuck = true
      parts.tell(idc, `the log waits: ${trouble}`)
      throw error
    }
  }

  const following = follow(line, {
    async start() {
      if ((await sites.look(idc)) === epoch) {
        return {
          stream: names.logStream(idc),
          filter: `${names.log(idc, epoch)}.>`,
          from: Math.max(1, sequenceOf(received)),
        }
      }
      lose()
      return undefined
    },
    async onMessage({ data, seq, subject }) {
      // A log that was rebuilt since we looked.
      if (epochOf(subject) !== epoch) throw new Error(`a message of another epoch: ${subject}`)
      await sealing.know?.(idc, sliceIdOf(subject))
      const entries = read(data, seq, subject).filter((entry) => entry.seq > received)
      received = entries.at(-1)?.seq ?? received
      for (const entry of entries) waitingBytes += sizeOf(entry)
      waiting.push(...entries)
      const delivered = deliverSoon()
      if (waiting.length >= BATCH_EVENTS || waitingBytes >= BATCH_BYTES) await delivered
    },
  })

  return {
    at: () => at,
    trouble: () => trouble ?? forged,
    isStuck: () => stuck,
    async stop() {
      stopped = true
      offLost()
      endPause()
      await delivering
      await following.stop()
    },
  }
}
