// The driver contract: how an action reaches one host. One folder per driver under drivers/; one conformance suite.

import type {
  DriverName,
  HostEnd,
  HostFile,
  HostKey,
  LeafAction,
  LeafKind,
  OutputStream,
  TargetHost,
} from '@omserver/core'

export interface Capabilities {
  readonly leaves: readonly LeafKind[]
  /** It can say what a copy would change, when `HostWork.check` is given with one. */
  readonly comparesCopies?: true
  /** Whether ending a host also ends the process on it. */
  readonly abort: 'remote' | 'local' | 'none'
}

export interface ReportedStep {
  readonly index: number
  /** Of the step, the task, the state. */
  readonly name: string
  /** Of a task that loops: which of its items. */
  readonly item?: string
  readonly state: 'ok' | 'failed' | 'skipped'
  readonly exit?: number
  readonly changed?: boolean
  readonly diff?: string
  readonly message?: string
  /** As the tool measured it; absent: since the step before. */
  readonly durationMs?: number
}

export type FilePiece = Pick<HostFile, 'path' | 'offset' | 'bytes' | 'whole'>

/** Where the driver reports to while it works on one host. All calls are in the host's order. */
export interface HostReport {
  /**
   * Must be awaited before anything that acts is sent. Rejects when the start could not be made durable or the
   * run has been stopped: the driver then sends nothing and returns.
   */
  started(): Promise<void>
  /** Resolves when the pipe has room again; await it to slow the host down, never drop. */
  output(stream: OutputStream, bytes: Uint8Array): Promise<void> | undefined
  step(step: ReportedStep): void
  /** One line about how far it is, for whoever watches: kept with the output, and no part of the answer. */
  progress?(line: string): void
  /** A piece of a file that is collected, in order; rejects when it cannot be kept. Await it before the next. */
  file?(piece: FilePiece): Promise<void>
  /** Bytes that the host sent, or would have, and that were not kept there. */
  missed(bytes: number): void
  /** Of a detached command: how long it has run by its host's clock; `over`: that was all. */
  elapsed(ms: number, over?: 'over'): void
  /** True once the end of this attempt is durable; false when there is none from us. Never rejects. */
  readonly stored: Promise<boolean>
  keySeen(seen: {
    hop: number
    address: string
    port: number
    hostKey: HostKey
    changed: boolean
  }): void
}

export interface HostWork {
  readonly runId: string
  readonly host: TargetHost
  readonly action: LeafAction
  readonly connectTimeoutMs: number
  /** Change nothing: of leaves that have a check mode of their own. */
  readonly check?: boolean
  /** Name and place of the step, when the action is one of several. */
  readonly step?: string
  readonly position?: number
  /** The command goes on by itself on the host; see `Driver.detaches`. */
  readonly detached?: DetachedWork
}

export interface DetachedWork {
  readonly attempt: number
  /** It was begun under an earlier claim: attach to it, from the beginning of its output; never begin it. */
  readonly resume: boolean
}

/** A host within a leaf that is carried out on many at once. */
export interface Member {
  readonly host: TargetHost
  readonly report: HostReport
  /** Aborted for this host, for the same reasons as in `carryOut`. */
  readonly signal: AbortSignal
  /** Once for each, as soon as it is known; what comes after it is not heard. */
  end(end: HostEnd): void
}

/** One leaf on many hosts: one process of Ansible, one job of Salt. */
export interface WorkTogether extends Omit<HostWork, 'host' | 'detached'> {
  readonly sliceId: string
  readonly members: readonly Member[]
  /** Of the members, how many may be worked on at once. */
  readonly concurrency: number
}

/**
 * `end.state` is one of ok, failed, unreachable, lost; the caller turns an aborted signal into timedOut or aborted
 * with `leftRunning` taken from the end.
 */
export interface Driver {
  readonly name: DriverName
  /** It can begin a command that survives us, and attach to one that was begun: `HostWork.detached` counts. */
  readonly detaches?: true
  readonly capabilities: Capabilities
  /**
   * Carries out one leaf on one host. Never rejects for anything the host or the network does; resolves once, also
   * after `signal` (whose reason is 'abort' | 'timeout', or 'leave': a detached command is then left to itself), within
   * 2 s of it.
   */
  carryOut(work: HostWork, report: HostReport, signal: AbortSignal): Promise<HostEnd>
  /**
   * Present: all hosts of a slice go through this, and `carryOut` is for a single one. Resolves when every member has
   * ended, also within 2 s after the signals of all of them; never rejects for what hosts or tools do. `started` of
   * each member is awaited before anything that acts on it; where that rejects, the member is left out, and ended by
   * whoever asked.
   */
  carryOutTogether?(work: WorkTogether): Promise<void>
  health(): Promise<{
    readonly ok: boolean
    readonly version: string
    readonly problems: readonly string[]
  }>
  close(): Promise<void>
}
