// What is signed, as bytes, and a signature as it stands in JSON.

import { z } from 'zod'
import type { SignedJson } from '../ports.ts'
import type { Signed, SigningContext } from './signing.ts'

/** One line of JSON that says what it is, where it belongs and when it was signed; then the bytes. */
export const toBeSigned = (
  { what, idc, key }: SigningContext,
  at: number,
  bytes: Uint8Array,
): Uint8Array =>
  Buffer.concat([Buffer.from(`${JSON.stringify(['omserver 1', what, idc, key, at])}\n`), bytes])

const base64 = z
  .string()
  .max(16_384)
  .transform((text): Uint8Array => Buffer.from(text, 'base64'))

const signedSchema = z.object({ certificate: base64, at: z.number(), signature: base64 })

export const signedJson = ({ certificate, at, signature }: Signed): SignedJson => ({
  certificate: Buffer.from(certificate).toString('base64'),
  at,
  signature: Buffer.from(signature).toString('base64'),
})

/** undefined: that is no signature. */
export const readSigned = (value: unknown): Signed | undefined => signedSchema.safeParse(value).data

export const signedBytes = (signed: Signed): Uint8Array =>
  Buffer.from(JSON.stringify(signedJson(signed)))

/** undefined: there is no signature in it. */
export const parseSigned = (bytes: Uint8Array): Signed | undefined => {
  if (bytes.length === 0) return undefined
  try {
    return readSigned(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch {
    return undefined
  }
}
