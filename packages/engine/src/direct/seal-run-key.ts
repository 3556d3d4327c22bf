// The key of a run, sealed to whoever is to read of it.

import type { Idc } from '../ports.ts'
import { recipientOf, type SealedKey } from '../sealing/hpke.ts'
import { runKeyContext } from './letter.ts'

/** @param to public keys, base64 */
export const sealRunKey = (
  to: readonly string[],
  key: Uint8Array,
  of: { readonly idc: Idc; readonly run: string },
): Promise<SealedKey[]> =>
  Promise.all(to.map((one) => recipientOf(one).seal(key, runKeyContext(of.idc, of.run))))
