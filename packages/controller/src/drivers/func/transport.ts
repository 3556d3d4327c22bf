// How a method of a funcd is called: over TLS by ourselves, or by func-transmit on its overlord.

import type { Failure } from '../../failure.ts'
import type { FuncArgument, FuncValue } from './value.ts'

export type Answer =
  | { readonly kind: 'value'; readonly value: FuncValue }
  /** The host refused the call before it was carried out, or could not write its answer. */
  | { readonly kind: 'fault'; readonly text: string }
  /** Nothing reached the host. */
  | ({ readonly kind: 'unsent' } & Failure)
  /** Sent, and no answer that can be read: it may have been carried out. */
  | {
      readonly kind: 'cut'
      readonly message: string
      /** By the host, without a word. */
      readonly closed?: true
    }

export interface CallOptions {
  /** For the way there. */
  readonly connectTimeoutMs: number
  /** For the whole call. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** It ends something: it does not wait for its turn. */
  readonly urgent?: boolean
}

export interface FuncTransport {
  /** Whether arguments may be bytes: JSON has none. */
  readonly takesBytes: boolean
  /** Never rejects. */
  call(method: string, args: readonly FuncArgument[], options: CallOptions): Promise<Answer>
}
