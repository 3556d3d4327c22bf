// What the server and clients do with runs that clients begin, loaded when somebody asks for it.

import type { IdcBook, Secrets } from '@omserver/core'
import type { Idc } from '../ports.ts'
import type { OpeningKey, SealedKey } from '../sealing/hpke.ts'
import type { DirectClient, DirectClientOptions } from './direct-client.ts'
import type { SealedBook } from './seal-book.ts'

export type { OpeningKey } from '../sealing/hpke.ts'
export type { DirectClient, DirectClientOptions } from './direct-client.ts'

/** See direct-client.ts. */
export const openDirectClient = async (options: DirectClientOptions): Promise<DirectClient> =>
  (await import('./direct-client.ts')).openDirectClient(options)

/** See seal-book.ts. */
export const sealBook = async (
  book: IdcBook,
  to: { readonly controllers: readonly string[]; readonly servers: readonly string[] },
  secrets: Secrets,
): Promise<SealedBook> => (await import('./seal-book.ts')).sealBook(book, to, secrets)

/** See seal-run-key.ts. */
export const sealRunKey = async (
  to: readonly string[],
  key: Uint8Array,
  of: { readonly idc: Idc; readonly run: string },
): Promise<SealedKey[]> => (await import('./seal-run-key.ts')).sealRunKey(to, key, of)

/** What clients seal to the servers of one installation opens with it. */
export const serverOpeningKey = async (masterKey: Uint8Array): Promise<OpeningKey> => {
  const [{ serverSealKeys }, { openingKeyOf }] = await Promise.all([
    import('./run-key.ts'),
    import('../sealing/hpke.ts'),
  ])
  return openingKeyOf(serverSealKeys(masterKey).privateKey)
}
