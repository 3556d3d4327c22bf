// Who holds which slice: a message that only its holder can renew, and that is gone when nobody does.

import type { After } from '../after.ts'
import type { Idc } from '../ports.ts'
import type { STORE_LOST } from '../unbegun.ts'
import { isUnheard } from './answers.ts'
import { publishAfter } from './compare-and-set.ts'
import type { Line } from './line.ts'
import { type Names, toToken } from './names.ts'
import { decodeJson, encodeJson } from './payload.ts'

export interface Lease {
  readonly idc: Idc
  readonly sliceId: string
  readonly lost: AbortSignal
  /** undefined: much of it is left. Else resolves when it has been renewed, or is lost. */
  sure(): Promise<void> | undefined
  /** Gives it up, so that another can take it at once. */
  drop(): Promise<void>
  /** Renews it no longer, as a holder that hangs. */
  expire(): void
}

export interface Leases {
  /** undefined: somebody holds it. `onRenewed` is called whenever it was renewed. */
  take(idc: Idc, sliceId: string, ms: number, onRenewed: () => void): Promise<Lease | undefined>
  /** All of them, or all of an IDC, are gone. */
  lose(idc?: Idc, reason?: typeof STORE_LOST): void
}

export const createLeases = (parts: {
  readonly line: Line
  readonly names: Names
  readonly after: After
  readonly monotonic: () => number
  readonly newId: () => string
  /** Asks nats-server whether its store is still the same. */
  readonly look: (idc: Idc) => Promise<unknown>
}): Leases => {
  const { line, names, after, monotonic } = parts
  const { js, jsm } = line
  const held = new Set<{ readonly idc: Idc; readonly lose: (reason?: string) => void }>()

  const hold = (
    at: { readonly idc: Idc; readonly sliceId: string; readonly subject: string },
    first: { readonly seq: number; readonly since: number; readonly mark: string },
    ms: number,
    onRenewed: () => void,
  ): Lease => {
    const lost = new AbortController()
    const stream = names.leaseStream(at.idc)
    const data = encodeJson(first.mark)
    let { seq } = first
    let renewedAt = first.since
    let doubt: PromiseWithResolvers<void> | undefined
    let renewing: Promise<void> | undefined
    let endTimer = (): void => undefined
    let endDeadline = (): void => undefined

    const stop = (): void => {
      endTimer()
      offRestored()
      endDeadline()
      held.delete(entry)
      renewLater = () => undefined
      doubt?.resolve()
    }
    const lose = (reason?: string): void => {
      stop()
      lost.abort(reason)
    }
    const entry = { idc: at.idc, lose }

    /** Counted from before the server was asked: it never lasts longer here than there. */
    const lastsSince = (since: number): void => {
      renewedAt = since
      doubt?.resolve()
      doubt = undefined
      endDeadline()
      endDeadline = after(Math.max(0, since + ms - monotonic()), () => lose())
    }

    const renew = async (): Promise<void> => {
      const since = monotonic()
      const message = { subject: at.subject, data }
      const timeout = Math.max(ms / 3, 500)
      const stored = await line
        .whileUp(publishAfter(js, seq, message, { timeout }))
        .catch(async (error: unknown) => {
          // No stream listens any more: at once, while the lease is still good.
          if (isUnheard(error)) await parts.look(at.idc)
          throw error
        })
      if (stored !== undefined) {
        seq = stored
        if (!lost.signal.aborted) lastsSince(since)
        onRenewed()
        return renewLater(ms / 3)
      }
      const last = await jsm.streams.getMessage(stream, { last_by_subj: at.subject })
      if (!last) {
        // With the whole store? Then whoever looks loses it, and says why.
        await parts.look(at.idc)
        return lose()
      }
      // It may be we who renewed it, and only the answer was lost.
      if (decodeJson(last.data) !== first.mark) return lose()
      seq = last.seq
      renewLater(0)
    }

    let renewLater = (pauseMs: number): void => {
      endTimer = after(pauseMs, () => {
        renewing = renew()
          .catch(() => renewLater(ms / 10))
          .finally(() => {
            renewing = undefined
          })
      })
    }

    // After an outage there may be little left of it: what is begun under a lease that ends now is lost.
    const offRestored = line.onRestored(() => {
      endTimer()
      if (!renewing) renewLater(0)
    })
    held.add(entry)
    lastsSince(first.since)
    renewLater(ms / 3)
    return {
      idc: at.idc,
      sliceId: at.sliceId,
      lost: lost.signal,
      sure() {
        // It is renewed after a third: by now that has gone wrong at least once.
        if (lost.signal.aborted || monotonic() < renewedAt + (ms * 2) / 3) return undefined
        doubt ??= Promise.withResolvers()
        return doubt.promise
      },
      async drop() {
        stop()
        await renewing
        // Where this does not succeed it expires.
        await line.whileUp(jsm.streams.deleteMessage(stream, seq, false)).catch(() => undefined)
      },
      expire() {
        endTimer()
        offRestored()
        renewLater = () => undefined
      },
    }
  }

  return {
    async take(idc, sliceId, ms, onRenewed) {
      const subject = `${names.lease(idc)}.${toToken(sliceId)}`
      const mark = parts.newId()
      const since = monotonic()
      const data = encodeJson(mark)
      const seq = await line.whileUp(publishAfter(js, 0, { subject, data }))
      if (seq === undefined) return undefined
      return hold({ idc, sliceId, subject }, { seq, since, mark }, ms, onRenewed)
    },
    lose(idc, reason) {
      for (const entry of [...held]) {
        if (idc === undefined || entry.idc === idc) entry.lose(reason)
      }
    },
  }
}
