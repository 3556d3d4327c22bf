// What a session needs of a channel that runs one program, whoever makes it.

import type { OutputStream } from '@omserver/core'
import type { PseudoTtyOptions } from 'ssh2'

/** What a channel tells. Nothing comes while it is paused, except the exit. */
export interface ChannelEvents {
  readonly onData: (stream: OutputStream, bytes: Buffer) => void
  /** `code` null: ended by `signal`. */
  readonly onExit: (code: number | null, signal: string | undefined) => void
  /** Closed, after all its data. */
  readonly onClose: () => void
}

export interface ExecChannel {
  /** Resolves when what was written is on its way, and there is room for more; undefined: there is. */
  write(bytes: Uint8Array | string): Promise<void> | undefined
  /** The end of its input, after these bytes. */
  end(bytes?: Uint8Array): void
  pause(): void
  resume(): void
  signal(name: string): void
  close(): void
}

/** `reason` is there when the server itself refused the channel. */
export type OpenError = Error & { readonly reason?: unknown }

export type Opened = (error: OpenError | undefined, channel: ExecChannel | undefined) => void

export interface ExecRequest {
  readonly command: string
  readonly terminal: PseudoTtyOptions | undefined
}
