// What a controller reports about a slice. The facts of execution, in order, until the server has stored them.

import type { HostKey } from './host.ts'
import type { HostEnd } from './host-state.ts'

export type OutputStream = 'stdout' | 'stderr'

interface Of {
  readonly runId: string
  readonly sliceId: string
  /** The claim this was written under; see Fence in the glossary. */
  readonly fence: number
  /** Increases by one within a slice and fence. */
  readonly n: number
  /** Name of the controller. */
  readonly by: string
  /** Wall clock of the controller, ms; for people. */
  readonly at: number
}

interface OfHost extends Of {
  readonly hostId: string
  readonly attempt: number
}

export interface SliceClaimed extends Of {
  readonly kind: 'slice.claimed'
}

/** Nothing that acts is sent to a host before this has been appended. */
export interface HostStarted extends OfHost {
  readonly kind: 'host.started'
}

export interface HostOutput extends OfHost {
  readonly kind: 'host.output'
  readonly stream: OutputStream
  /** Byte offset of this chunk in the host's interleaved output as kept (head, then tail). */
  readonly offset: number
  readonly bytes: Uint8Array
}

/** A piece of a file that was collected from the host, in order. */
export interface HostFile extends OfHost {
  readonly kind: 'host.file'
  readonly path: string
  readonly offset: number
  readonly bytes: Uint8Array
  /** With the last one, which has no bytes: there is no more. */
  readonly whole?: { readonly size: number; readonly hash: string }
}

export interface HostStep extends OfHost {
  readonly kind: 'host.step'
  readonly index: number
  /** Of the step, the task, the state. */
  readonly name: string
  /** Of a task that loops: which of its items. */
  readonly item?: string
  /** `skipped`: what its `when` asks for does not hold. */
  readonly state: 'ok' | 'failed' | 'skipped'
  readonly exit?: number
  readonly changed?: boolean
  /** Monotonic, since host.started or since the step before it ended; absent when nothing was sent. */
  readonly durationMs?: number
  /** At most 64 KiB. */
  readonly diff?: string
  /** One line, as the tool said it; never a secret. At most 500 characters. */
  readonly message?: string
}

export interface HostKeySeen extends OfHost {
  readonly kind: 'host.keySeen'
  /** 0 is the host itself, 1 its nearest jump host … */
  readonly hop: number
  readonly address: string
  readonly port: number
  readonly hostKey: HostKey
  readonly changed: boolean
}

export interface HostEnded extends OfHost {
  readonly kind: 'host.ended'
  readonly end: HostEnd
  /** Monotonic, since host.started (or since the attempt began, when nothing was sent). */
  readonly durationMs: number
  /** hash(version, exit, normalised output, what the output does not say of the end), 32 hex digits; absent: no answer. */
  readonly answer?: string
  /** Bytes the host sent, kept or not. */
  readonly outputBytes: number
  readonly truncated: boolean
}

/** What arrives behind a fence, or is worth telling a person: never changes a state. */
export interface SliceNote extends Of {
  readonly kind: 'slice.note'
  readonly hostId?: string
  readonly message: string
}

export type SliceEvent =
  | SliceClaimed
  | HostStarted
  | HostOutput
  | HostFile
  | HostStep
  | HostKeySeen
  | HostEnded
  | SliceNote
