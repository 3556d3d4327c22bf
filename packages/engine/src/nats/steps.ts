// The messages of a stream in order, asked for one by one: for those who may make no consumer.

import type { Feed, FeedStart, OnMessage } from './feed-start.ts'
import type { Line } from './line.ts'

/** A message is heard a little before the stream has it; one that the stream refused never comes. */
const AFTER_A_SIGN_MS = [5, 20, 100, 500] as const

/** Without any sign: a sign can be lost, and of a stream that was made anew there is none. */
const LOOK_EVERY_MS = 5_000

/**
 * A consumer delivers to whatever subject its maker names, and nobody asks whether he may publish there (2.9.10, 2.15.2):
 * whoever writes the log and makes consumers on it can forge signals and calls. So controllers and clients make none.
 * What they read is short (intents, the history of one slice), and a round trip for each message is what that costs.
 */
export const openSteps = async (
  line: Line,
  start: FeedStart,
  onMessage: OnMessage,
): Promise<Feed> => {
  const { nc, jsm } = line
  const { stream, filter } = start
  const { created } = await line.whileUp(jsm.streams.info(stream))
  const caughtUp = Promise.withResolvers<void>()
  caughtUp.promise.catch(() => undefined)
  const signs = start.once
    ? undefined
    : nc.subscribe(filter, {
        callback(error) {
          if (error) close()
          else wake()
        },
      })
  let next = start.from ?? 1
  let signed = false
  let isOver = false
  let endWait = (): void => undefined

  const wake = (): void => {
    signed = true
    endWait()
  }

  const close = (): void => {
    isOver = true
    endWait()
  }

  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (signed || isOver) return resolve()
      const cancel = line.after(ms, resolve)
      endWait = () => {
        cancel()
        resolve()
      }
    })

  /** Reads what is there; whether that was anything. */
  const advance = async (): Promise<boolean> => {
    let any = false
    while (!isOver) {
      const query = { seq: next, next_by_subj: filter }
      const found = await line.whileUp(jsm.streams.getMessage(stream, query))
      if (!found || isOver) return any
      const { subject, seq, data, header } = found
      await onMessage({ subject, seq, data, headers: header })
      next = seq + 1
      any = true
    }
    return any
  }

  const isTheSame = async (): Promise<boolean> =>
    (await line.whileUp(jsm.streams.info(stream))).created === created

  const run = async (): Promise<void> => {
    const offCut = line.onCut(close)
    line.closed.addEventListener('abort', close)
    try {
      await advance()
      if (!isOver) caughtUp.resolve()
      for (let quiet = 0; !isOver && !start.once; ) {
        const soon = AFTER_A_SIGN_MS[quiet]
        await wait(soon ?? LOOK_EVERY_MS)
        const wasSigned = signed
        signed = false
        const any = await advance()
        // Of one that was made anew, what lies below our place was never read.
        if ((any || soon === undefined) && !(await isTheSame())) break
        quiet = any || wasSigned ? 0 : quiet + 1
      }
    } catch {
      // Whoever follows opens another feed.
    }
    isOver = true
    offCut()
    line.closed.removeEventListener('abort', close)
    signs?.unsubscribe()
    caughtUp.reject(new Error('the feed ended'))
  }

  return { caughtUp: caughtUp.promise, ended: run(), close }
}
