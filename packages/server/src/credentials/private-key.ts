// Private keys as people bring them: checked, opened once, and kept in the one form every driver reads.

import { createPrivateKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto'
import { badKey, unsupportedKey, wrongPassphrase } from './key-problem.ts'
import { isOpensshKey, type KeyParts, readOpensshKey, writeOpensshKey } from './openssh-key.ts'
import { field, mpint, WireReader } from './wire.ts'

export interface CheckedKey {
  /** OpenSSH form without a passphrase: it is sealed at rest, and no login has to derive a key again. */
  readonly privateKey: string
  /** `ssh-ed25519 AAAA…`, without a comment. */
  readonly publicKey: string
}

/** OpenSSH, PKCS#1, SEC1 or PKCS#8 text. Throws Problem: CREDENTIAL_KEY_BAD {reason}, CREDENTIAL_PASSPHRASE. */
export const readPrivateKey = async (text: string, passphrase?: string): Promise<CheckedKey> => {
  const clean = text.replaceAll('\r', '').trim()
  return pack(
    isOpensshKey(clean) ? await readOpensshKey(clean, passphrase) : readPem(clean, passphrase),
  )
}

export const generateKey = (): CheckedKey =>
  pack(partsOf(generateKeyPairSync('ed25519').privateKey))

const pack = (parts: KeyParts): CheckedKey => {
  if (parts.type === 'ssh-rsa' && rsaBits(parts.publicBlob) < 2048) throw badKey('weak')
  return {
    privateKey: writeOpensshKey(parts, ''),
    publicKey: `${parts.type} ${parts.publicBlob.toString('base64')}`,
  }
}

const rsaBits = (publicBlob: Buffer): number => {
  const reader = new WireReader(publicBlob)
  reader.field()
  reader.field()
  const modulus = reader.field()
  return modulus[0] === 0 ? (modulus.length - 1) * 8 : modulus.length * 8
}

const readPem = (text: string, passphrase?: string): KeyParts => {
  if (/PUBLIC KEY|^ssh-|^ecdsa-/.test(text)) throw badKey('public')
  if (text.startsWith('PuTTY-User-Key-File')) throw badKey('putty')
  const sealed = text.includes('ENCRYPTED')
  if (sealed && !passphrase) throw wrongPassphrase()
  return partsOf(openPem(text, sealed, passphrase))
}

const openPem = (text: string, sealed: boolean, passphrase?: string): KeyObject => {
  try {
    return createPrivateKey({ key: text, format: 'pem', ...(passphrase ? { passphrase } : {}) })
  } catch {
    throw sealed ? wrongPassphrase() : badKey('form')
  }
}

const curves: Readonly<Record<string, string>> = {
  'P-256': 'nistp256',
  'P-384': 'nistp384',
  'P-521': 'nistp521',
}

const partsOf = (key: KeyObject): KeyParts => {
  const unsupported = () => unsupportedKey(key.asymmetricKeyType ?? '?')
  if (!['rsa', 'ec', 'ed25519'].includes(key.asymmetricKeyType ?? '')) throw unsupported()
  const jwk = exportJwk(key)
  if (!jwk) throw unsupported()
  const part = (name: keyof JsonWebKey) => Buffer.from(String(jwk[name] ?? ''), 'base64url')
  if (jwk.kty === 'RSA') {
    const type = 'ssh-rsa'
    const [n, e] = [mpint(part('n')), mpint(part('e'))]
    const rest = (['d', 'qi', 'p', 'q'] as const).map((name) => mpint(part(name)))
    return {
      type,
      publicBlob: Buffer.concat([field(type), e, n]),
      privateFields: Buffer.concat([field(type), n, e, ...rest]),
    }
  }
  if (jwk.kty === 'EC') {
    const curve = curves[jwk.crv ?? '']
    if (!curve) throw unsupported()
    const type = `ecdsa-sha2-${curve}`
    const point = field(Buffer.concat([Buffer.from([4]), part('x'), part('y')]))
    const head = Buffer.concat([field(type), field(curve), point])
    return { type, publicBlob: head, privateFields: Buffer.concat([head, mpint(part('d'))]) }
  }
  const type = 'ssh-ed25519'
  const head = Buffer.concat([field(type), field(part('x'))])
  return {
    type,
    publicBlob: head,
    privateFields: Buffer.concat([head, field(Buffer.concat([part('d'), part('x')]))]),
  }
}

/** undefined for curves that JWK does not know. */
const exportJwk = (key: KeyObject): JsonWebKey | undefined => {
  try {
    return key.export({ format: 'jwk' })
  } catch {
    return undefined
  }
}
