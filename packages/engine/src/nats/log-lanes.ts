// Appends to the log: per slice one message after the other, each with all that was waiting for the one before.

import { Problem, type SliceEvent } from '@omserver/core'
import type { Idc } from '../ports.ts'
import type { Sealing } from '../sealing/sealing.ts'
import { isUnheard } from './answers.ts'
import { Hopeless, type Line } from './line.ts'
import { EVENTS_A_MESSAGE, type Names } from './names.ts'
import { type EncodedEvent, encodeEvent, packEvents } from './payload.ts'
import type { Sites } from './sites.ts'
import { DUPLICATE_WINDOW_MS } from './streams.ts'

/** Output comes in pieces of 64 KiB; more in one message gains nothing, and delays what others send. */
const MESSAGE_BYTES = 256 * 1024

/** Frame and headers. */
const ROOM_BESIDE = 1024

const ID = 'Nats-Msg-Id'

interface Batch {
  left: number
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

interface Item {
  readonly encoded: EncodedEvent
  readonly isHistory: boolean
  /** Of the log it was meant for; undefined while that is not known yet. */
  readonly epoch: string | undefined
  readonly batch: Batch
}

interface Lane {
  readonly idc: Idc
  readonly sliceId: string
  readonly items: Item[]
}

export interface LogLanes {
  append(idc: Idc, events: readonly SliceEvent[]): Promise<void>
  /** Why events of that IDC cannot be stored now. */
  trouble(idc: Idc): string | undefined
}

export const logLost = (idc: Idc): Hopeless => new Hopeless(`the log of ${idc} was lost`)

export const logLanes = (parts: {
  readonly line: Line
  readonly names: Names
  readonly sites: Sites
  readonly sealing: Sealing
  readonly monotonic: () => number
  readonly newId: () => string
}): LogLanes => {
  const { line, names, sites, sealing, monotonic } = parts
  const { js, jsm } = line
  const writer = parts.newId()
  const lanes = new Map<string, Lane>()
  const troubles = new Map<Idc, string>()
  let messages = 0

  /** Long after it was sent for the first time its id is forgotten: then the log itself must say whether it has it. */
  const isStored = async (idc: Idc, subject: string, id: string): Promise<boolean> => {
    const stream = names.logStream(idc)
    const last = await jsm.streams.getMessage(stream, { last_by_subj: subject })
    return last?.header.get(ID) === id
  }

  const store = async (lane: Lane, epoch: string, frame: readonly Item[]): Promise<void> => {
    const { idc, sliceId } = lane
    const data = sealing.sealEvents(sliceId, packEvents(frame.map(({ encoded }) => encoded)))
    const subject = frame.some(({ isHistory }) => isHistory)
      ? names.facts(idc, epoch, sliceId, writer)
      : names.output(idc, epoch, sliceId, writer)
    const id = `${writer}.${++messages}`
    const since = monotonic()
    await line.persist(
      async () => {
        if (sites.known(idc) !== epoch) throw logLost(idc)
        const isLate = monotonic() - since > DUPLICATE_WINDOW_MS / 2
        if (isLate && (await isStored(idc, subject, id))) return
        try {
          await js.publish(subject, data, { msgID: id })
        } catch (error) {
          // It may be another log by now, which does not listen to this subject.
          if (isUnheard(error)) await sites.look(idc)
          throw error
        }
      },
      (error) => {
        troubles.set(idc, error instanceof Error ? error.message : String(error))
      },
    )
    troubles.delete(idc)
  }

  const nextFrame = (lane: Lane, epoch: string): readonly Item[] => {
    let size = 0
    let count = 0
    for (const { encoded, epoch: meantFor } of lane.items) {
      if ((meantFor ?? epoch) !== epoch || count === EVENTS_A_MESSAGE) break
      if (count > 0 && size + encoded.size > MESSAGE_BYTES) break
      size += encoded.size
      count++
    }
    return lane.items.splice(0, count)
  }

  const pump = async (key: string, lane: Lane): Promise<void> => {
    // Whatever else is appended in this turn shares the message.
    await Promise.resolve()
    for (let [first] = lane.items; first; [first] = lane.items) {
      let frame: readonly Item[] = [first]
      try {
        const epoch = first.epoch ?? (await sites.ready(lane.idc))
        frame = nextFrame(lane, epoch)
        await store(lane, epoch, frame)
        for (const { batch } of frame) if (--batch.left === 0) batch.resolve()
      } catch (error) {
        if (lane.items[0] === first) lane.items.shift()
        for (const { batch } of frame) batch.reject(error)
      }
    }
    lanes.delete(key)
  }

  const laneOf = (idc: Idc, sliceId: string): Lane => {
    const key = JSON.stringify([idc, sliceId])
    const known = lanes.get(key)
    if (known) return known
    const lane: Lane = { idc, sliceId, items: [] }
    lanes.set(key, lane)
    void pump(key, lane)
    return lane
  }

  return {
    append(idc, events) {
      if (line.closed.aborted) return Promise.reject(new Problem('ENGINE_CLOSED'))
      if (events.length === 0) return Promise.resolve()
      const encoded = events.map(encodeEvent)
      const largest = encoded.reduce((most, { size }) => Math.max(most, size), 0)
      if (largest + ROOM_BESIDE > line.maxPayload()) {
        return Promise.reject(
          new Hopeless(`an event of ${largest} bytes is larger than nats-server takes`),
        )
      }
      return new Promise((resolve, reject) => {
        const batch: Batch = { left: events.length, resolve, reject }
        const epoch = sites.known(idc)
        for (const [index, event] of events.entries()) {
          const own = encoded[index]
          if (!own) continue
          const isHistory = event.kind === 'host.started' || event.kind === 'host.ended'
          laneOf(idc, event.sliceId).items.push({ encoded: own, isHistory, epoch, batch })
        }
      })
    },
    trouble: (idc) => troubles.get(idc),
  }
}
