// JSON that says who wrote it: the payload of a message, and behind the JSON a signature over it.

import type { Json } from '@omserver/core'
import { parseSigned, signedBytes } from '../signing/signed-text.ts'
import type { Signer, SigningContext, Verifier } from '../signing/signing.ts'
import { packJson, unpackJson } from './payload.ts'

/** @param after signed at a later time than this, whatever the clock says */
export const encodeSigned = async (
  signer: Signer,
  context: SigningContext,
  value: Json,
  after?: number,
): Promise<Uint8Array> => {
  const head = Buffer.from(JSON.stringify(value))
  return packJson(head, signedBytes(await signer.sign(context, head, after)))
}

/** Only a server writes such a thing. Throws NotProven, or as `decodeJson` does. */
export const decodeSigned = (
  verifier: Verifier,
  context: SigningContext,
  data: Uint8Array,
): { readonly value: Json; readonly at: number } => {
  const { head, tail } = unpackJson(data)
  const { at } = verifier.verify(context, Buffer.from(head), parseSigned(tail), ['server'])
  return { value: JSON.parse(head) as Json, at }
}
