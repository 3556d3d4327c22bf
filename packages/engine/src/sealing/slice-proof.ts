// That a slice is the server's word: who seals one need not be the server, for public keys are public.

import type { Slice } from '@omserver/core'
import type { Idc } from '../ports.ts'
import { parseSigned, signedBytes } from '../signing/signed-text.ts'
import { NotProven, type Signer, type Verifier } from '../signing/signing.ts'

/**
 * No run lives longer than seven days, and whatever still waits then is nobody's. An old slice that is brought back
 * would run again once its history has been trimmed.
 */
const OLDEST_MS = 8 * 24 * 60 * 60 * 1000

const contextOf = ({ idc, sliceId }: { readonly idc: Idc; readonly sliceId: string }) => ({
  what: 'slice',
  idc,
  key: sliceId,
})

export const signSlice = async (
  signer: Signer,
  slice: Slice,
  plain: Uint8Array,
): Promise<Uint8Array> => signedBytes(await signer.sign(contextOf(slice), plain))

/** Throws NotProven. @param signed what `signSlice` made */
export const checkSlice = (
  verifier: Verifier,
  slice: { readonly idc: Idc; readonly sliceId: string },
  plain: Uint8Array,
  signed: Uint8Array | undefined,
  now: number,
): void => {
  const proof = signed && parseSigned(signed)
  const { at } = verifier.verify(contextOf(slice), plain, proof, ['server'])
  if (now - at > OLDEST_MS) throw new NotProven('it was signed more than eight days ago')
}
