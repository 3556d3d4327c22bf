// AES-256-GCM: bytes that only who has the key can read, and nobody can change or move elsewhere.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

export const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Nonce, tag, ciphertext. @param context must be the same when it is opened */
export const sealBytes = (
  key: Uint8Array,
  plain: Uint8Array,
  context: string,
  nonce: Uint8Array = randomBytes(NONCE_BYTES),
): Uint8Array => {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context))
  const text = cipher.update(plain)
  const rest = cipher.final()
  return Buffer.concat([nonce, cipher.getAuthTag(), text, rest])
}

/** Throws when the key or the context is another one, or a bit has changed. */
export const openBytes = (key: Uint8Array, sealed: Uint8Array, context: string): Uint8Array => {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new RangeError('too short to have been sealed')
  const nonce = sealed.subarray(0, NONCE_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
  const text = decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES))
  return Buffer.concat([text, decipher.final()])
}
