// How a detached command is spoken to: one sh text on one host, over whatever the driver's usual way is.

import type { HostEnd, OutputStream, RunAs } from '@omserver/core'

export interface ChannelRun {
  /** For `/bin/sh -c`, under `runAs`. */
  readonly text: string
  /** What it reads; absent: nothing. */
  readonly input?: Uint8Array
  readonly runAs?: RunAs
  readonly password?: string
  /** Awaited when there is a connection, before anything is sent; a rejection sends nothing. */
  readonly beforeSend?: () => Promise<void>
  readonly onOutput: (stream: OutputStream, bytes: Buffer) => Promise<void> | undefined
  /** Closes the channel; what was started on the host is left alone. */
  readonly signal: AbortSignal
  /** It ends something: it does not wait for its turn. */
  readonly urgent?: true
}

export type ChannelEnd =
  | { readonly kind: 'exited' }
  /** Sent, and the way to the host is gone; or closed by the signal. */
  | { readonly kind: 'cut' }
  /** Nothing was sent, and why. */
  | { readonly kind: 'unsent'; readonly end: HostEnd }
  /** sudo or su did not let us in: nothing ran. */
  | { readonly kind: 'barred'; readonly message: string }

export interface HostChannel {
  /** What a text says is heard when it has ended: an attachment ends soon, and is followed by another. */
  readonly afterwards?: true
  /** Never rejects. */
  run(work: ChannelRun): Promise<ChannelEnd>
  /** Whether what runs under this account is on a terminal: its input is then lines of `encodeForTerminal`. */
  onTerminal(runAs: RunAs | undefined, hasPassword: boolean): boolean
}
