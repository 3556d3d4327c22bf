// The work queue of the NATS engine: one message a slice, and a lease beside it that says who holds it.

import type { JsMsg } from '@nats-io/jetstream'
import { millis } from '@nats-io/transport-node'
import { Problem, type Slice } from '@omserver/core'
import type { Delivery, Idc, WorkQueue } from '../ports.ts'
import type { Sealing } from '../sealing/sealing.ts'
import { NotProven } from '../signing/signing.ts'
import { UnreadableVersion } from '../unreadable-version.ts'
import { isDeletedAlready, isForbidden, isStreamMissing, isUnheard } from './answers.ts'
import { publishAfter } from './compare-and-set.ts'
import type { Lease, Leases } from './leases.ts'
import { Hopeless, type Line } from './line.ts'
import { fromToken, lastToken, type Names, toToken } from './names.ts'
import { decodeJson, encodeJson } from './payload.ts'
import { openPuller } from './puller.ts'
import type { Sites } from './sites.ts'
import { WORK_CONSUMER } from './streams.ts'

/** A handler that failed is not called again at once for the same slice. */
const RETRY_MS = 1_000
/** Another holds it still, or the stream does not say. */
const NOT_NOW_MS = 250
/** We cannot open it: another may, or it will be offered anew. */
const NOT_OURS_MS = 3_000

const OFFERS_AT_ONCE = 16
/** Headers of a message that carries a slice. */
const HEADERS = 512

export interface StreamQueue extends WorkQueue {
  /**
   * nats-server 2.9 that was killed may bring back what was removed, and remember that it was acknowledged: it lies
   * there, is given to nobody, and all of the log from its first claim on is kept for it. Removes it, where a mark says
   * that it was removed before.
   */
  removeForgotten(idc: Idc): Promise<void>
}

export const streamQueue = (parts: {
  readonly line: Line
  readonly names: Names
  readonly sites: Sites
  readonly leases: Leases
  readonly sealing: Sealing
  /** Of what nobody of this version can take. */
  readonly tell: (idc: Idc, what: string) => void
  readonly onLease?: (lease: Lease) => void
  readonly onRefused: (idc: Idc, sliceId: string, why: string) => void
  readonly mayChangeQueue?: () => Promise<void>
}): StreamQueue => {
  const { line, names, sites, leases, sealing } = parts
  const { js, jsm } = line

  const enter = async (idc: Idc): Promise<void> => {
    if (line.closed.aborted) throw new Problem('ENGINE_CLOSED')
    await sites.ready(idc)
  }

  const subjectOf = (idc: Idc, sliceId: string): string => `${names.work(idc)}.${toToken(sliceId)}`

  const offerOne = async (idc: Idc, slice: Slice): Promise<void> => {
    const data = await sealing.sealSlice(slice)
    if (data.length + HEADERS > line.maxPayload()) {
      throw new Hopeless(
        `slice ${slice.sliceId} of ${data.length} bytes is larger than nats-server takes`,
      )
    }
    const subject = subjectOf(idc, slice.sliceId)
    /** The log beside the queue that may have it, without our having heard so. */
    let doubtful: string | undefined
    await line.persist(async () => {
      const epoch = await (doubtful === undefined ? sites.ready(idc) : sites.look(idc))
      // Offered in another store as well it would be carried out again, and nobody would know of the first time.
      if (doubtful !== undefined && doubtful !== epoch) {
        throw new Hopeless(`whether slice ${slice.sliceId} was offered is lost with the store`)
      }
      await parts.mayChangeQueue?.()
      doubtful = epoch
      try {
        // Refused, if it is queued already: then there is nothing to do.
        await publishAfter(js, 0, { subject, data })
      } catch (error) {
        if (isUnheard(error)) doubtful = undefined
        throw error
      }
    })
  }

  /** Whether it was still there. */
  const deleteWork = async (idc: Idc, seq: number): Promise<boolean> => {
    try {
      return await jsm.streams.deleteMessage(names.workStream(idc), seq, false)
    } catch (error) {
      if (isDeletedAlready(error)) return false
      throw error
    }
  }

  const isQueued = async (idc: Idc, seq: number): Promise<boolean> =>
    (await line.whileUp(jsm.streams.getMessage(names.workStream(idc), { seq }))) !== null

  /** Not by an acknowledgement alone: that may be lost, and the server removes the message some time after it. */
  const remove = async (idc: Idc, message: JsMsg): Promise<void> => {
    await deleteWork(idc, message.seq)
    message.ack()
  }

  const doneSubject = (idc: Idc, sliceId: string): string =>
    `${names.done(idc)}.${toToken(sliceId)}`

  /**
   * nats-server 2.9 that is killed may bring back what was removed from the queue in the minutes before, when the log
   * of it has been trimmed already: without a mark it would be carried out, a second time or in spite of its end. The
   * mark is of this message: the same slice may be offered anew.
   */
  const noteDone = async (idc: Idc, sliceId: string, seq: number): Promise<void> => {
    try {
      await js.publish(doneSubject(idc, sliceId), encodeJson(seq))
    } catch (error) {
      // A server of the version before ours made no stream for marks, or its nats-server allows none.
      if (!isUnheard(error) && !isForbidden(error)) throw error
    }
  }

  const isDone = async (idc: Idc, sliceId: string, seq: number): Promise<boolean> => {
    try {
      const query = { last_by_subj: doneSubject(idc, sliceId) }
      const mark = await line.whileUp(jsm.streams.getMessage(names.doneStream(idc), query))
      return mark !== null && Number(decodeJson(mark.data)) >= seq
    } catch (error) {
      if (isStreamMissing(error) || isForbidden(error)) return false
      throw error
    }
  }

  const hand = async (
    idc: Idc,
    message: JsMsg,
    lease: Lease,
    on: (delivery: Delivery) => Promise<void>,
  ): Promise<void> => {
    const { sliceId } = lease
    let slice: Slice
    try {
      slice = await sealing.openSlice(idc, sliceId, message.data)
    } catch (error) {
      if (error instanceof UnreadableVersion) parts.tell(idc, `work waits: ${error.message}`)
      // Sealed to others, or no slice at all, or not the server's word: it stays for who can open it.
      if (error instanceof NotProven) parts.onRefused(idc, sliceId, error.message)
      await lease.drop()
      message.nak(NOT_OURS_MS)
      return
    }
    let settled = false
    const release = async (delayMs = 0): Promise<void> => {
      if (settled || lease.lost.aborted) return
      settled = true
      await lease.drop()
      message.nak(delayMs)
    }
    const done = async (): Promise<void> => {
      if (settled || lease.lost.aborted) return
      settled = true
      try {
        await line.persist(async () => {
          if (lease.lost.aborted) return
          await noteDone(idc, sliceId, message.seq)
          await remove(idc, message)
        })
      } finally {
        await lease.drop()
      }
    }
    parts.onLease?.(lease)
    try {
      await on({ slice, lost: lease.lost, sure: lease.sure, done, release })
    } catch {
      // Handed back, as one that returns without a word.
    }
    await release(RETRY_MS)
    sealing.forget(sliceId)
  }

  /** The lease, if the slice is there for us. */
  const take = async (idc: Idc, message: JsMsg, leaseMs: number): Promise<Lease | undefined> => {
    const sliceId = fromToken(lastToken(message.subject))
    const lease = await leases.take(idc, sliceId, leaseMs, () => message.working())
    if (!lease) return undefined
    try {
      // Whoever withdrew it between its delivery and our lease has deleted it.
      const [queued, done] = await Promise.all([
        isQueued(idc, message.seq),
        isDone(idc, sliceId, message.seq),
      ])
      if (queued && !done) return lease
      if (done) await line.whileUp(remove(idc, message))
    } catch {
      // Given to somebody again.
    }
    await lease.drop()
    return undefined
  }

  return {
    async removeForgotten(idc) {
      const stream = names.workStream(idc)
      const [{ state }, { ack_floor: floor }] = await Promise.all([
        jsm.streams.info(stream),
        jsm.consumers.info(stream, WORK_CONSUMER),
      ])
      if (state.messages === 0 || state.first_seq > floor.stream_seq) return
      await parts.mayChangeQueue?.()
      const any = `${names.work(idc)}.*`
      for (let from = state.first_seq; from <= floor.stream_seq; ) {
        const query = { seq: from, next_by_subj: any }
        const found = await jsm.streams.getMessage(stream, query)
        if (!found || found.seq > floor.stream_seq) return
        const sliceId = fromToken(lastToken(found.subject))
        if (await isDone(idc, sliceId, found.seq)) await deleteWork(idc, found.seq)
        from = found.seq + 1
      }
    },

    async offer(idc, slices) {
      await enter(idc)
      for (let from = 0; from < slices.length; from += OFFERS_AT_ONCE) {
        const some = slices.slice(from, from + OFFERS_AT_ONCE)
        await Promise.all(some.map((slice) => offerOne(idc, slice)))
      }
    },

    async consume(idc, { slots }, on) {
      await enter(idc)
      const { config } = await line.persist(() =>
        jsm.consumers.info(names.workStream(idc), WORK_CONSUMER),
      )
      const leaseMs = millis(config.ack_wait ?? 0)
      return openPuller(
        line,
        { stream: names.workStream(idc), consumer: WORK_CONSUMER, slots },
        async (message, begin) => {
          const lease = await take(idc, message, leaseMs).catch(() => undefined)
          if (!lease) return message.nak(NOT_NOW_MS)
          if (begin()) return hand(idc, message, lease, on)
          await lease.drop()
          message.nak()
        },
      )
    },

    async withdraw(idc, sliceIds) {
      await enter(idc)
      const withdrawOne = async (sliceId: string): Promise<readonly string[]> => {
        const query = { last_by_subj: subjectOf(idc, sliceId) }
        const found = await line.persist(() => jsm.streams.getMessage(names.workStream(idc), query))
        if (!found) return []
        // Nobody else can take it while we hold its lease.
        const lease = await leases.take(idc, sliceId, 10_000, () => undefined)
        if (!lease) return []
        let doubtful = false
        try {
          const isRemoved = await line.persist(
            async () => {
              await parts.mayChangeQueue?.()
              await noteDone(idc, sliceId, found.seq)
              return deleteWork(idc, found.seq)
            },
            () => {
              doubtful = true
            },
          )
          // Not there any more after an attempt that was cut off: it was we who removed it.
          return isRemoved || doubtful ? [sliceId] : []
        } finally {
          await lease.drop()
        }
      }
      const removed: string[] = []
      for (const sliceId of sliceIds) {
        removed.push(...(await line.persist(() => withdrawOne(sliceId))))
      }
      return removed
    },

    async depth(idc) {
      await enter(idc)
      const count = async (stream: string): Promise<number> =>
        (await line.persist(() => jsm.streams.info(stream))).state.messages
      const [queued, leased] = await Promise.all([
        count(names.workStream(idc)),
        count(names.leaseStream(idc)),
      ])
      return { waiting: Math.max(0, queued - leased), leased: Math.min(queued, leased) }
    },
  }
}
