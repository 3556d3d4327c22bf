// Content that is read while it is sent, because it is too large to be held: from where, and how far it has come.

import type { Blobs } from '@omserver/engine'

export interface FedContent {
  /** SHA-256, hex. */
  readonly hash: string
  /** Bytes. */
  readonly size: number
  /** A tar archive of a folder. */
  readonly folder?: true
  /** From this byte on. Rejects with Problem BLOB_MISSING, BLOB_DAMAGED. */
  open(from: number): Promise<AsyncIterable<Uint8Array>>
}

export type BlobReader = Pick<Blobs, 'get' | 'open'>

/** What a person is told when the content could not be read to its end; undefined: it could. */
export const unreadContent = (trouble: string | undefined): string | undefined =>
  trouble === undefined
    ? undefined
    : `copy: the content could not be read: ${trouble}`.slice(0, 500)
