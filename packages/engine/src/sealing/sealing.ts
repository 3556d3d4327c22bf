// What makes the content of messages unreadable to whoever carries them. The engine sees subjects, sizes and times.

import type { Slice } from '@omserver/core'
import type { Idc } from '../ports.ts'

/** Bytes in, bytes out: what a message holds is decided elsewhere. */
export interface Sealing {
  /** With the secrets that it needs. Rejects with Problem NO_CONTROLLER_ENROLLED {idc}: nobody could open it. */
  sealSlice(slice: Slice): Promise<Uint8Array>
  /**
   * Rejects when it was not sealed to us, or was changed on the way; with NotProven when it is not the server's word. Its key and its secrets are known from then on,
   * until `forget` has been called as often.
   */
  openSlice(idc: Idc, sliceId: string, sealed: Uint8Array): Promise<Slice>
  forget(sliceId: string): void
  /** Absent, or resolves: the key of the slice is known by now, as far as it can be. Of those that clients began. */
  know?(idc: Idc, sliceId: string): Promise<void>
  /** Of a slice whose key is known; throws otherwise. */
  sealEvents(sliceId: string, plain: Uint8Array): Uint8Array
  /** Throws for a slice whose key is not known, and for bytes that were changed on the way. */
  openEvents(sliceId: string, sealed: Uint8Array): Uint8Array
}
