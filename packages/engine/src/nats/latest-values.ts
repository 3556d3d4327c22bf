// The latest value per key of one stream: boards. A watcher keeps its place through every reconnect.

import { headers } from '@nats-io/transport-node'
import type { Json } from '@omserver/core'
import type { Stop } from '../ports.ts'
import { NotProven } from '../signing/signing.ts'
import { UnreadableVersion } from '../unreadable-version.ts'
import type { BoardProof } from './board-proof.ts'
import { publishAfter } from './compare-and-set.ts'
import { follow } from './feed.ts'
import type { Line } from './line.ts'
import { fromToken, lastToken, toToken } from './names.ts'
import { decodeJson, encodeJson } from './payload.ts'

/** On a message that says: there is no value any more. Watchers hear of it; later it is deleted itself. */
const REMOVED = 'Om-Removed'
const FORGET_REMOVAL_MS = 60_000

const GETS_AT_ONCE = 64

type Listener = (key: string, value: Json | undefined) => void

interface Known {
  readonly seq: number
  readonly text: string
  /** Ends the wait for its expiry. */
  end?: () => void
}

export interface LatestValues {
  put(key: string, value: Json): Promise<void>
  putOnce(key: string, value: Json): Promise<boolean>
  get(key: string): Promise<Json | undefined>
  remove(key: string): Promise<void>
  all(): Promise<ReadonlyMap<string, Json>>
  watch(on: Listener): Promise<Stop>
}

export interface ValuesPlace {
  readonly stream: string
  readonly subject: string
  /** The stream forgets a value that is not put again within this time. */
  readonly ttlMs?: number
  /** Absent: whoever may write there is believed. */
  readonly proof?: BoardProof
  readonly onRefused?: (key: string, why: string) => void
}

export const latestValues = (line: Line, place: ValuesPlace): LatestValues => {
  const { js, jsm } = line
  const { stream, ttlMs, proof } = place
  const subjectOf = (key: string): string => `${place.subject}.${toToken(key)}`

  /** undefined for what nobody can read: another version may. And for what is not proven. */
  const readable = (key: string, data: Uint8Array, isRemoval = false): Json | undefined => {
    try {
      return proof ? proof.decode(key, data, isRemoval) : decodeJson(data)
    } catch (error) {
      if (error instanceof NotProven) place.onRefused?.(key, error.message)
      return undefined
    }
  }

  const messageAt = (subject: string) => jsm.streams.getMessage(stream, { last_by_subj: subject })

  /** Of another version: at least which it is. */
  const versionOf = (_key: string, data: Uint8Array): Json | undefined => {
    try {
      return decodeJson(data)
    } catch (error) {
      return error instanceof UnreadableVersion ? { unreadableVersion: error.version } : undefined
    }
  }

  const lastOf = async (
    subject: string,
    read: (key: string, data: Uint8Array) => Json | undefined = readable,
  ): Promise<Json | undefined> => {
    const message = await messageAt(subject)
    if (!message || message.header.has(REMOVED)) return undefined
    return read(fromToken(lastToken(subject)), message.data)
  }

  const encode = async (key: string, value: Json | undefined): Promise<Uint8Array> => {
    if (!proof) return value === undefined ? new Uint8Array() : encodeJson(value)
    const lying = await line.persist(() => messageAt(subjectOf(key)))
    return proof.encode(key, value, lying?.data)
  }

  const forget = async (seq: number): Promise<void> => {
    await line.pause(FORGET_REMOVAL_MS)
    // By its number: a filtered purge leaves consumers on nats-server 2.9 without what they had still to get.
    if (!line.closed.aborted) await jsm.streams.deleteMessage(stream, seq, false)
  }

  const watch = async (on: Listener): Promise<Stop> => {
    const known = new Map<string, Known>()
    let stopped = false

    const drop = (key: string): void => {
      known.get(key)?.end?.()
      if (known.delete(key)) on(key, undefined)
    }

    // The server says nothing when a value expires, and how old one is that lay there before us we cannot know.
    const expectExpiry = async (key: string, value: Known, ms: number): Promise<void> => {
      while (!stopped && !line.closed.aborted && known.get(key) === value) {
        await line.pause(ms)
        if (known.get(key) !== value || stopped) return
        const subject = subjectOf(key)
        const last = await line.persist(() => lastOf(subject))
        if (known.get(key) !== value || stopped) return
        if (last === undefined) return drop(key)
        ms = Math.max((ttlMs ?? 0) / 10, 20)
      }
    }

    /** As long as the removal lies there, what was before it must not come back. */
    const forgetProof = async (key: string): Promise<void> => {
      if (!proof) return
      await line.pause(FORGET_REMOVAL_MS)
      if (!known.has(key)) proof.forget(key)
    }

    const following = follow(line, {
      start: async () => ({ stream, filter: `${place.subject}.*` }),
      onMessage(message) {
        const key = fromToken(lastToken(message.subject))
        if (message.headers?.has(REMOVED)) {
          if (proof && readable(key, message.data, true) === undefined) return
          void forgetProof(key)
          return drop(key)
        }
        const value = readable(key, message.data)
        if (value === undefined) return
        const before = known.get(key)
        const now: Known = { seq: message.seq, text: JSON.stringify(value) }
        known.set(key, now)
        if (ttlMs !== undefined) {
          expectExpiry(key, now, ttlMs).catch(() => undefined)
        }
        // After a reconnect the present values come once more: those it has heard are no news.
        if (before?.seq !== now.seq || before.text !== now.text) on(key, value)
      },
    })
    await following.caughtUp
    return async () => {
      stopped = true
      await following.stop()
    }
  }

  return {
    async put(key, value) {
      const data = await encode(key, value)
      await line.persist(() => js.publish(subjectOf(key), data))
    },

    async putOnce(key, value) {
      const data = await encode(key, value)
      const subject = subjectOf(key)
      const isNew = await line.persist(() => publishAfter(js, 0, { subject, data }))
      if (isNew !== undefined) return true
      // It may have been we, and only the answer was lost.
      const last = await line.persist(() => lastOf(subject))
      return JSON.stringify(last) === JSON.stringify(value)
    },

    get: (key) => line.persist(() => lastOf(subjectOf(key))),

    async remove(key) {
      const marked = headers()
      marked.set(REMOVED, '1')
      const data = await encode(key, undefined)
      const { seq } = await line.persist(() =>
        js.publish(subjectOf(key), data, { headers: marked }),
      )
      if (ttlMs === undefined) forget(seq).catch(() => undefined)
    },

    async all() {
      const { state } = await line.persist(() =>
        jsm.streams.info(stream, { subjects_filter: `${place.subject}.*` }),
      )
      const subjects = Object.keys(state.subjects ?? {})
      const values = new Map<string, Json>()
      for (let from = 0; from < subjects.length; from += GETS_AT_ONCE) {
        const some = subjects.slice(from, from + GETS_AT_ONCE)
        await Promise.all(
          some.map(async (subject) => {
            const value = await line.persist(() => lastOf(subject, versionOf))
            if (value !== undefined) values.set(fromToken(lastToken(subject)), value)
          }),
        )
      }
      return values
    },

    watch,
  }
}
