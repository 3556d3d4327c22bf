// The messages of a stream in order, through a consumer that exists for one reader and is given up at the first doubt.

import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import type { Stop } from '../ports.ts'
import type { Feed, FeedStart, OnMessage } from './feed-start.ts'
import type { Line } from './line.ts'
import { openSteps } from './steps.ts'

/** Bounds what waits in memory: messages of the log have up to half a megabyte. */
const MESSAGES_AHEAD = 64

const LOOK_AGAIN_MS = 300
const REOPEN_MS = 100

/** `onMessage` is called for one message after the other, each when the one before it has been taken. */
export const openFeed = (line: Line, start: FeedStart, onMessage: OnMessage): Promise<Feed> =>
  line.reads === 'byStep' ? openSteps(line, start, onMessage) : openConsumed(line, start, onMessage)

const openConsumed = async (line: Line, start: FeedStart, onMessage: OnMessage): Promise<Feed> => {
  const { js, jsm } = line
  const info = await line.whileUp(
    jsm.consumers.add(start.stream, {
      ack_policy: AckPolicy.None,
      inactive_threshold: nanos(30_000),
      mem_storage: true,
      filter_subject: start.filter,
      ...(start.from === undefined
        ? { deliver_policy: DeliverPolicy.LastPerSubject }
        : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: start.from }),
    }),
  )
  const messages = await js.consumers.getConsumerFromInfo(info).consume({
    max_messages: MESSAGES_AHEAD,
    expires: 10_000,
    idle_heartbeat: 1_000,
    abort_on_missing_resource: true,
  })
  const caughtUp = Promise.withResolvers<void>()
  let delivered = 0
  let isCaughtUp = false
  let isOver = false

  const catchUp = (): void => {
    isCaughtUp = true
    caughtUp.resolve()
  }

  const close = (): void => {
    isOver = true
    messages.stop()
  }

  const run = async (): Promise<void> => {
    const offCut = line.onCut(close)
    try {
      for await (const message of messages) {
        // A number left out is a message that was sent and did not arrive.
        if (message.info.deliverySequence !== delivered + 1 || isOver) break
        await onMessage(message)
        delivered++
        if (message.info.pending === 0) catchUp()
      }
    } catch {
      // Whoever follows opens another feed.
    }
    offCut()
    close()
    caughtUp.reject(new Error('the feed ended'))
    if (line.isUp() && !line.closed.aborted) {
      jsm.consumers.delete(start.stream, info.name).catch(() => undefined)
    }
  }

  // What lay there at the opening may expire or be removed before it is sent: then no message says "the last one".
  const look = async (): Promise<void> => {
    while (!isCaughtUp && !isOver) {
      await line.pause(LOOK_AGAIN_MS)
      if (isCaughtUp || isOver) return
      const now = await line.whileUp(jsm.consumers.info(start.stream, info.name))
      if (now.num_pending === 0 && now.delivered.consumer_seq === delivered) catchUp()
    }
  }

  caughtUp.promise.catch(() => undefined)
  if (info.num_pending === 0) catchUp()
  else look().catch(close)
  return { caughtUp: caughtUp.promise, ended: run(), close }
}

/**
 * Keeps a feed open: when one ends, `start` says where the next begins; undefined: no further. `caughtUp` resolves
 * the first time that all that lay there has been handed over, and rejects if that can never be.
 */
export const follow = (
  line: Line,
  source: {
    readonly start: () => Promise<FeedStart | undefined>
    readonly onMessage: OnMessage
  },
): { readonly caughtUp: Promise<void>; readonly stop: Stop } => {
  const caughtUp = Promise.withResolvers<void>()
  caughtUp.promise.catch(() => undefined)
  let feed: Feed | undefined
  let stopped = false

  const open = async (): Promise<Feed | undefined> => {
    const start = await source.start()
    if (!start || stopped) {
      stopped = true
      return undefined
    }
    return openFeed(line, start, source.onMessage)
  }

  const run = async (): Promise<void> => {
    while (!stopped) {
      feed = await line.persist(open)
      if (!feed) break
      if (stopped) feed.close()
      feed.caughtUp.then(caughtUp.resolve, () => undefined)
      await feed.ended
      if (!stopped) await line.pause(REOPEN_MS)
    }
  }

  const running = run()
    .catch((error: unknown) => caughtUp.reject(error))
    .then(() => caughtUp.reject(new Error('nothing is followed any more')))

  return {
    caughtUp: caughtUp.promise,
    async stop() {
      stopped = true
      feed?.close()
      await running
    },
  }
}
