// The fingerprint of a public key, as ssh-keygen shows it.

import { createHash } from 'node:crypto'

/** `SHA256:…`. `blob` is the base64 part of a public key line. */
export const fingerprintOf = (blob: string): string => {
  const digest = createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64')
  return `SHA256:${digest.replace(/=+$/, '')}`
}
