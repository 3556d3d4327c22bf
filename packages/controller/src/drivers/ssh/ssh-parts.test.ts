// What we replaced inside ssh2 signs and verifies as before: a bad signature or an altered key never passes.

import { createPublicKey, verify } from 'node:crypto'
import ssh2, { type ParsedKey } from 'ssh2'
import { describe, expect, it } from 'vitest'
import { makeKey, sshdMissing } from '../../../../../e2e/support/sshd.ts'
import { decodeOnce, isKnownSsh2 } from './ssh-parts.ts'

const parsed = (text: string): ParsedKey => {
  const key: unknown = ssh2.utils.parseKey(text)
  if (key instanceof Error) throw key
  return (Array.isArray(key) ? key[0] : key) as ParsedKey
}

const missing = sshdMissing()

describe.skipIf(missing !== undefined)('what we replaced inside ssh2', () => {
  it('is the version we know', () => {
    expect(isKnownSsh2).toBe(true)
  })

  for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
    it(`signs with ${type} so that others can verify it`, () => {
      const { privateKey, publicKey } = makeKey({ type })
      const algorithms = type === 'rsa' ? ['sha256', 'sha512', undefined] : [undefined]
      for (const algorithm of algorithms) {
        const data = Buffer.from('what was exchanged')
        const signature = decodeOnce(parsed(privateKey)).sign(data, algorithm)
        const pem = createPublicKey(parsed(publicKey).getPublicPEM())
        const usual = { ed25519: null, ecdsa: 'sha256', rsa: 'sha1' }[type]
        expect(verify(algorithm ?? usual, data, pem, signature)).toBe(true)
        expect(parsed(publicKey).verify(data, signature, algorithm)).toBe(true)
      }
    })

    it(`rejects a ${type} signature of other data, by another key, with any bit turned, or cut short`, () => {
      const { privateKey, publicKey } = makeKey({ type })
      const data = Buffer.from('what was exchanged')
      const signature = decodeOnce(parsed(privateKey)).sign(data)
      const key = parsed(publicKey)
      const holds = (bytes: Buffer, of: Buffer, by = key): boolean =>
        (by.verify(of, bytes) as unknown) === true
      expect(holds(signature, data)).toBe(true)
      expect(holds(signature, Buffer.from('what was exchangee'))).toBe(false)
      expect(holds(signature, data, parsed(makeKey({ type }).publicKey))).toBe(false)
      for (let at = 0; at < signature.length; at++) {
        const bent = Buffer.from(signature)
        bent[at] = (bent[at] ?? 0) ^ (1 << (at % 8))
        expect(holds(bent, data)).toBe(false)
      }
      expect(holds(signature.subarray(1), data)).toBe(false)
      expect(holds(Buffer.alloc(0), data)).toBe(false)
    })
  }
})
