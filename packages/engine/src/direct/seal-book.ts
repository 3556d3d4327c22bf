// Writes the book of an IDC: packed, sealed to the controllers that are enrolled, and cut into pieces.

import { createHash, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { IdcBook, Secrets } from '@omserver/core'
import { recipientOf, type SealedKey } from '../sealing/hpke.ts'
import { KEY_BYTES, sealBytes } from '../sealing/sealed-bytes.ts'
import { gatherSecrets } from '../sealing/slice-secrets.ts'
import { type BookHead, bookContext } from './open-book.ts'

/** Base64 of it, and what stands around that, is below the least max_payload that we accept. */
const PIECE_BYTES = 256 * 1024

const pack = promisify(gzip)

export interface SealedBook {
  readonly head: BookHead
  /** Base64. */
  readonly pieces: readonly string[]
}

/** @param to public keys: of the controllers of the IDC, and of the servers */
export const sealBook = async (
  book: IdcBook,
  to: { readonly controllers: readonly string[]; readonly servers: readonly string[] },
  secrets: Secrets,
): Promise<SealedBook> => {
  const { idc, number, until } = book
  const credentials = book.hosts.flatMap(({ credentialId, jumps = [] }) =>
    [credentialId, ...jumps.map((jump) => jump.credentialId)].filter((id) => id !== undefined),
  )
  const logins = await gatherSecrets(secrets, { refs: [], credentials })
  const context = bookContext(idc, number)
  const key = new Uint8Array(randomBytes(KEY_BYTES))
  const plain = await pack(JSON.stringify({ book, secrets: logins }))
  const sealed = Buffer.from(sealBytes(key, plain, context))
  const keys: SealedKey[] = await Promise.all(
    to.controllers.map((one) => recipientOf(one).seal(key, context)),
  )
  const pieces = Array.from({ length: Math.ceil(sealed.length / PIECE_BYTES) }, (_, n) =>
    sealed.subarray(n * PIECE_BYTES, (n + 1) * PIECE_BYTES).toString('base64'),
  )
  const hash = createHash('sha256').update(sealed).digest('hex')
  const recipients = [...to.controllers, ...to.servers]
  return { head: { number, until, pieces: pieces.length, hash, keys, recipients }, pieces }
}
