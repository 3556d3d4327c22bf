// Keys sealed to controllers by HPKE (RFC 9180).

import { createPrivateKey } from 'node:crypto'
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'
import { fingerprintOf, isSealKey } from './seal-key.ts'

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
})

export interface SealedKey {
  /** Fingerprint of the key it is sealed to. */
  readonly to: string
  /** Base64: the encapsulated key, and the sealed one. */
  readonly enc: string
  readonly key: string
}

type PublicKey = Awaited<ReturnType<typeof suite.kem.deserializePublicKey>>

/** Of one recipient; made once, used for every slice. */
export interface Recipient {
  readonly fingerprint: string
  seal(key: Uint8Array, context: string): Promise<SealedKey>
}

export const recipientOf = (publicKey: string): Recipient => {
  if (!isSealKey(publicKey)) throw new RangeError('not a public key: 32 bytes in base64')
  const fingerprint = fingerprintOf(publicKey)
  let parsed: Promise<PublicKey> | undefined
  return {
    fingerprint,
    async seal(key, context) {
      parsed ??= suite.kem.deserializePublicKey(exact(Buffer.from(publicKey, 'base64')))
      const sender = await suite.createSenderContext({ recipientPublicKey: await parsed })
      const sealed = await sender.seal(exact(key), exact(Buffer.from(context)))
      return { to: fingerprint, enc: base64(sender.enc), key: base64(sealed) }
    },
  }
}

export interface OpeningKey {
  readonly publicKey: string
  readonly fingerprint: string
  /** Rejects when it was sealed to another, or for another context. */
  open(sealed: SealedKey, context: string): Promise<Uint8Array>
}

/** Throws when the PEM is not the private half of an X25519 pair. */
export const openingKeyOf = (privateKey: string): OpeningKey => {
  const jwk = createPrivateKey(privateKey).export({ format: 'jwk' })
  if (jwk.crv !== 'X25519' || !jwk.d || !jwk.x) throw new RangeError('not an X25519 private key')
  const publicKey = Buffer.from(jwk.x, 'base64url').toString('base64')
  const parsed = suite.kem.deserializePrivateKey(exact(Buffer.from(jwk.d, 'base64url')))
  return {
    publicKey,
    fingerprint: fingerprintOf(publicKey),
    async open({ enc, key }, context) {
      const recipient = await suite.createRecipientContext({
        recipientKey: await parsed,
        enc: exact(Buffer.from(enc, 'base64')),
      })
      const opened = await recipient.open(
        exact(Buffer.from(key, 'base64')),
        exact(Buffer.from(context)),
      )
      return new Uint8Array(opened)
    },
  }
}

const base64 = (bytes: ArrayBuffer): string => Buffer.from(bytes).toString('base64')

/** A buffer of its own: Node's small ones share theirs. */
const exact = (bytes: Uint8Array): ArrayBuffer => {
  const copy = new ArrayBuffer(bytes.length)
  new Uint8Array(copy).set(bytes)
  return copy
}
