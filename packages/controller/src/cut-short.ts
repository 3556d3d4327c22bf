// Why a host is ended before its command is: who wanted it, and the end it gets.

import type { HostEnd } from '@omserver/core'
import type { RunIntent } from '@omserver/engine'

export type CutShort =
  /** A person or a deadline ended it. */
  | {
      readonly kind: 'end'
      readonly state: 'aborted' | 'timedOut'
      readonly reason: HostEnd['reason']
    }
  /** The run starts no further host; those that were started go on. */
  | { readonly kind: 'hold'; readonly end: HostEnd }
  /** This controller goes away: what it started is lost, what it did not start is left to others. */
  | { readonly kind: 'leave' }
  /** The slice is not ours any more: nothing may be said about it. */
  | { readonly kind: 'silence' }

export const hostTimeout: CutShort = { kind: 'end', state: 'timedOut', reason: 'hostTimeout' }

const abortOf = (reason: RunIntent['reason']): CutShort & { readonly kind: 'end' } => {
  switch (reason) {
    case 'threshold':
    case 'byPerson':
      return { kind: 'end', state: 'aborted', reason }
    case 'runTimeout':
      return { kind: 'end', state: 'timedOut', reason }
  }
}

export const cutShortBy = ({ want, reason }: RunIntent): CutShort => {
  if (want === 'abort') return abortOf(reason)
  if (reason === 'threshold') return { kind: 'hold', end: { state: 'skipped', reason } }
  return { kind: 'hold', end: { state: abortOf(reason).state, reason, leftRunning: 'no' } }
}

/**
 * The end of a host to which nothing was sent; undefined: it gets none from us.
 * @param announced its host.started may be in the log: another controller would not start it again
 */
export const endOfUnstarted = (cut: CutShort, announced: boolean): HostEnd | undefined => {
  switch (cut.kind) {
    case 'end':
      return { state: cut.state, reason: cut.reason, leftRunning: 'no' }
    case 'hold':
      return cut.end
    case 'leave':
      return announced ? { state: 'lost', reason: 'controllerLost', leftRunning: 'no' } : undefined
    case 'silence':
      return undefined
  }
}

/** The end of a host that was started, from what its driver could still find out. */
export const endOfStarted = (cut: CutShort, driverEnd: HostEnd): HostEnd | undefined => {
  const { exit, signal, message } = driverEnd
  const over = exit !== undefined || signal !== undefined
  const leftRunning = driverEnd.leftRunning ?? (over ? 'no' : 'unknown')
  switch (cut.kind) {
    case 'end':
      return { state: cut.state, reason: cut.reason, exit, signal, message, leftRunning }
    case 'leave':
      return { state: 'lost', reason: 'controllerLost', leftRunning }
    case 'hold':
      return driverEnd
    case 'silence':
      return undefined
  }
}
