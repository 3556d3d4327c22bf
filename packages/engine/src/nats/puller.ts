// Pulls from a work queue no more than there is room for, and hands each message over as it comes.

import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream'
import type { Stop } from '../ports.ts'
import type { Line } from './line.ts'

const PULL_AT_MOST = 32
const PULL_LASTS_MS = 5_000

/** Slots may become free without a word. */
const LOOK_AT_SLOTS_MS = 250

const NOT_NOW_MS = 250

/**
 * `take` gets a message and calls `begin` when it starts to work on it: until then the message counts as expected,
 * from then on it is up to `slots` to count it. `begin` says no when nothing is wanted any more.
 */
export const openPuller = (
  line: Line,
  source: { readonly stream: string; readonly consumer: string; readonly slots: () => number },
  take: (message: JsMsg, begin: () => boolean) => Promise<void>,
): Stop => {
  const pulls = new Set<ConsumerMessages>()
  let consumer: Consumer | undefined
  let stopped = false
  /** Asked for, and not yet begun. */
  let expected = 0
  let wake = (): void => undefined

  const stopPulls = (): void => {
    for (const pull of pulls) pull.stop()
  }

  const arrive = async (message: JsMsg): Promise<void> => {
    let counted = true
    const uncount = (): void => {
      if (counted) expected--
      counted = false
    }
    const begin = (): boolean => {
      uncount()
      return !stopped && source.slots() > 0
    }
    try {
      if (stopped) message.nak()
      else if (source.slots() <= 0) message.nak(NOT_NOW_MS)
      else await take(message, begin)
    } finally {
      uncount()
      wake()
    }
  }

  const pull = async (count: number): Promise<void> => {
    let left = count
    expected += count
    try {
      consumer ??= await line.whileUp(line.js.consumers.get(source.stream, source.consumer))
      const messages = await consumer.fetch({
        max_messages: count,
        expires: PULL_LASTS_MS,
        idle_heartbeat: 1_000,
      })
      pulls.add(messages)
      try {
        if (stopped) messages.stop()
        for await (const message of messages) {
          left--
          void arrive(message)
        }
      } finally {
        pulls.delete(messages)
      }
    } catch {
      // Cut off, or the store was lost: in a moment there may be another.
      consumer = undefined
      if (!stopped) await line.pause(NOT_NOW_MS)
    } finally {
      expected -= left
      wake()
    }
  }

  const run = async (): Promise<void> => {
    while (!stopped && !line.closed.aborted) {
      const room = Math.min(source.slots(), PULL_AT_MOST) - expected
      const woken = new Promise<void>((resolve) => {
        wake = resolve
      })
      if (room > 0 && line.isUp()) void pull(room)
      await Promise.race([woken, line.pause(LOOK_AT_SLOTS_MS)])
    }
  }

  const offCut = line.onCut(stopPulls)
  const running = run()
  return async () => {
    stopped = true
    offCut()
    wake()
    stopPulls()
    await running
  }
}
