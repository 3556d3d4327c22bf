// The sealing key of a controller in its certificate: the CA says whom slices may be sealed to.

import { isSealKey } from '../sealing/seal-key.ts'

/**
 * Ours alone: made from a UUID under the arc for those who have no number of their own. In pieces, because Go, and so
 * nats-server, refuses a certificate with an arc above 31 bits, which the other way of using a UUID (2.25) needs.
 */
export const SEAL_KEY_OID = '1.2.840.113556.1.8000.2554.53440.7315.5514.17115.46441.2639286.7481591'

/** DER of an OCTET STRING of 32 bytes. */
const HEAD = Buffer.from([0x04, 0x20])

/** Value of the extension, which is not critical: whoever does not know it lets it be. @param sealKey base64 */
export const sealKeyValue = (sealKey: string): Uint8Array<ArrayBuffer> => {
  if (!isSealKey(sealKey)) throw new RangeError('not a public key: 32 bytes in base64')
  return new Uint8Array(Buffer.concat([HEAD, Buffer.from(sealKey, 'base64')]))
}

/** Base64. undefined: that is no key. */
export const sealKeyOfValue = (value: Uint8Array): string | undefined => {
  const bytes = Buffer.from(value)
  if (!bytes.subarray(0, HEAD.length).equals(HEAD)) return undefined
  const sealKey = bytes.subarray(HEAD.length).toString('base64')
  return isSealKey(sealKey) ? sealKey : undefined
}
