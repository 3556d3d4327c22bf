// Key pairs of controllers: X25519, the public half as base64, the private one as PEM.

import { createHash, generateKeyPairSync } from 'node:crypto'

const PUBLIC_BYTES = 32

export interface SealKeyPair {
  /** Base64 of 32 bytes. */
  readonly publicKey: string
  /** PKCS#8 PEM; belongs into a file of mode 0600. */
  readonly privateKey: string
}

export const makeSealKeys = (): SealKeyPair => {
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  const { x } = publicKey.export({ format: 'jwk' })
  return {
    publicKey: Buffer.from(String(x), 'base64url').toString('base64'),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** Whether the text is the base64 of a public key. */
export const isSealKey = (text: string): boolean =>
  /^[A-Za-z0-9+/]{43}=$/.test(text) && Buffer.from(text, 'base64').length === PUBLIC_BYTES

/** 16 hex digits: which key something is sealed to. */
export const fingerprintOf = (publicKey: string): string =>
  createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex').slice(0, 16)
