// The book of an IDC as it lies there, and how a controller opens it.

import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { IdcBook, Json } from '@omserver/core'
import { z } from 'zod'
import type { Idc } from '../ports.ts'
import type { OpeningKey } from '../sealing/hpke.ts'
import { openBytes } from '../sealing/sealed-bytes.ts'
import { type SliceSecrets, sliceSecretsSchema } from '../sealing/slice-secrets.ts'

/** Under this key of the intent board. */
export const BOOK_KEY = 'book'

const headSchema = z.object({
  number: z.number(),
  until: z.number(),
  pieces: z.number().int().min(1).max(10_000),
  /** SHA-256 of the sealed bytes, hex: no piece of another edition gets between. */
  hash: z.string(),
  keys: z.array(z.object({ to: z.string(), enc: z.string(), key: z.string() })),
  /** Base64: to whom clients of the IDC seal what they want: its controllers, and the servers. */
  recipients: z.array(z.string()),
})
/** What is said of a book to everybody in the IDC, signed by the server. */
export type BookHead = z.output<typeof headSchema>

/** undefined: that is no head of a book. */
export const readBookHead = (value: Json | undefined): BookHead | undefined =>
  headSchema.safeParse(value).data

export interface OpenedBook {
  readonly book: IdcBook
  readonly secrets: SliceSecrets
}

export const bookPieceKey = (number: number, piece: number): string => `${number}.${piece}`

export const bookContext = (idc: Idc, number: number): string => `book ${idc} ${number}`
const unpack = promisify<Uint8Array, Buffer>(gunzip)

const contentSchema = z.object({
  /** The server's word: its head is signed. */
  book: z.custom<IdcBook>((value) => typeof value === 'object' && value !== null),
  secrets: sliceSecretsSchema,
})

/** Rejects when a piece is missing or of another edition, and when it was sealed to others. */
export const openBook = async (
  idc: Idc,
  head: BookHead,
  pieces: readonly string[],
  own: OpeningKey,
): Promise<OpenedBook> => {
  const sealed = Buffer.concat(pieces.map((piece) => Buffer.from(piece, 'base64')))
  if (createHash('sha256').update(sealed).digest('hex') !== head.hash) {
    throw new Error(`the book ${head.number} of ${idc} is not whole`)
  }
  const ours = head.keys.find(({ to }) => to === own.fingerprint)
  if (!ours) throw new Error(`the book ${head.number} of ${idc} is sealed to other controllers`)
  const context = bookContext(idc, head.number)
  const plain = await unpack(openBytes(await own.open(ours, context), sealed, context))
  const content = contentSchema.parse(JSON.parse(plain.toString('utf8')))
  if (content.book.idc !== idc || content.book.number !== head.number) {
    throw new Error(`that is not the book ${head.number} of ${idc}`)
  }
  return content
}
