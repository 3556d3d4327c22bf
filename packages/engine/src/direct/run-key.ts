// The keys of a run that a client began: one secret, made by the client, and a key for each slice out of it.

import { createPrivateKey, createPublicKey, hkdfSync } from 'node:crypto'
import { KEY_BYTES } from '../sealing/sealed-bytes.ts'

/** Whoever has the key of the run, controllers, servers and the client, has those of its slices. */
export const sliceKeyOf = (runKey: Uint8Array, sliceId: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', runKey, 'omserver direct slice', sliceId, KEY_BYTES))

/** An X25519 private key in PKCS#8 (RFC 8410) is this, and its 32 bytes. */
const PKCS8_X25519 = Buffer.from('302e020100300506032b656e04220420', 'hex')

/**
 * The sealing key of the servers of one installation: all of them have the same, because all have its master key.
 * Both halves: PKCS#8 PEM, and base64.
 */
export const serverSealKeys = (
  masterKey: Uint8Array,
): { readonly privateKey: string; readonly publicKey: string } => {
  const seed = hkdfSync('sha256', masterKey, 'omserver direct', 'seal key of servers', KEY_BYTES)
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_X25519, Buffer.from(seed)]),
    format: 'der',
    type: 'pkcs8',
  })
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: Buffer.from(String(x), 'base64url').toString('base64'),
  }
}
