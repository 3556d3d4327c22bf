// The part of a run that is handed to one controller.

import type { Action } from './action.ts'
import type { DriverName, TargetHost } from './host.ts'

/** At most this many hosts and this many bytes of JSON in one slice. */
export const SLICE_MAX_HOSTS = 256
export const SLICE_MAX_BYTES = 512 * 1024

export interface Slice {
  readonly sliceId: string
  readonly runId: string
  readonly idc: string
  readonly driver: DriverName
  readonly batch: number
  readonly attempt: number
  readonly action: Action
  readonly check: boolean
  readonly hosts: readonly TargetHost[]
  /** This slice's share of the run's concurrency; shares of concurrent slices sum to the run's limit. */
  readonly concurrency: number
  readonly hostTimeoutMs: number
  /** Its command goes on by itself on the host: who takes the slice over attaches to it again. */
  readonly detached?: true
  /** With `detached`: its hosts were started by somebody who is gone. Attach to them, start none. */
  readonly resume?: true
  readonly connectTimeoutMs: number
  readonly caps: OutputCaps
  /** Parts of an answer that are masked before it is compared (see answer.ts). */
  readonly mask: readonly AnswerMask[]
}

/** Bytes. `perHost` is half live head, half tail ring; the rest is drained and counted. */
export interface OutputCaps {
  readonly perHost: number
}

export const defaultCaps: OutputCaps = { perHost: 1024 * 1024 }

export type AnswerMask = 'self' | 'time' | 'pid' | 'number'
