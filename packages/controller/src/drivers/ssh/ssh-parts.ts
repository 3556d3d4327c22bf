// The parts inside ssh2 that we reach into for speed, each behind a check: another version of ssh2 works, slower.

import { createPrivateKey, createPublicKey, diffieHellman, sign, verify } from 'node:crypto'
import { createRequire } from 'node:module'
import ssh2, { type Client, type ParsedKey } from 'ssh2'
import { type Fields, isMethod, isRecord } from '../../loose.ts'
import { learnCiphers } from './ssh-cipher.ts'

/** ssh2 hands OpenSSL a PEM text at every signature. Decoding those costs more than the mathematics. */
const KNOWN_VERSION = '1.17.0'

const require = createRequire(import.meta.url)

const installedVersion = (): string => {
  const described: unknown = require('ssh2/package.json')
  return isRecord(described) && typeof described.version === 'string' ? described.version : ''
}

export const ssh2Version = installedVersion()
export const isKnownSsh2 = ssh2Version === KNOWN_VERSION

/** The hash that a key type signs with, unless an algorithm was negotiated. */
const hashOf: Readonly<Record<string, string | null>> = {
  'ssh-ed25519': null,
  'ssh-rsa': 'sha1',
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
}

/** Signs with an OpenSSL key decoded once, not at every connection: 45 µs instead of 507 for ed25519. */
export const decodeOnce = (key: ParsedKey): ParsedKey => {
  const usual = hashOf[key.type]
  if (!isKnownSsh2 || usual === undefined) return key
  const decoded = createPrivateKey(key.getPrivatePEM())
  key.sign = (data, algorithm) =>
    sign(algorithm ?? usual, typeof data === 'string' ? Buffer.from(data) : data, decoded)
  return key
}

const ED25519_BLOB_BYTES = 51
const SAMPLE_KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1hv0lZRIfYTKbOP7gN2iCqgnkKzgXIhJMNcUSZqyAD sample'

/** Verifies ed25519 host keys from their 32 raw bytes: 146 µs instead of 241. */
const verifyFromRawBytes = (): void => {
  const sample = ssh2.utils.parseKey(SAMPLE_KEY)
  if (sample instanceof Error) return
  const shared: unknown = Object.getPrototypeOf(sample)
  if (!isRecord(shared) || !isMethod(shared.verify)) return
  const slow = shared.verify
  shared.verify = function fast(this: ParsedKey, ...args: unknown[]): unknown {
    const [data, signature] = args
    const blob = this.type === 'ssh-ed25519' ? this.getPublicSSH() : undefined
    if (
      blob?.length !== ED25519_BLOB_BYTES ||
      !Buffer.isBuffer(data) ||
      !Buffer.isBuffer(signature)
    ) {
      return slow.apply(this, args)
    }
    const x = blob.subarray(-32).toString('base64url')
    try {
      const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
      return verify(null, data, key, signature)
    } catch {
      return false
    }
  }
}
if (isKnownSsh2) verifyFromRawBytes()

/** An unsigned number as SSH writes it: no leading zeros, and none that reads as negative. */
const toMpint = (bytes: Buffer): Buffer => {
  let at = 0
  while (at < bytes.length - 1 && bytes[at] === 0) at++
  const trimmed = bytes.subarray(at)
  return (trimmed[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), trimmed]) : trimmed
}

let exchangePatched = false

/** x25519 keys pass as raw bytes: 10 µs instead of 204. The class can only be had from a finished exchange. */
const exchangeRawBytes = (exchange: unknown): void => {
  if (!isRecord(exchange) || exchange.type !== '25519') return
  // The pair has done its work; ssh2 would keep it as long as the connection.
  exchange._keys = null
  if (exchangePatched) return
  exchangePatched = true
  const shared: unknown = Object.getPrototypeOf(exchange)
  if (
    !isRecord(shared) ||
    !isMethod(shared.getPublicKey) ||
    !isMethod(shared.computeSecret) ||
    !isMethod(shared.generateKeys)
  ) {
    return
  }
  const { getPublicKey, computeSecret, generateKeys } = shared
  const pairOf = (self: unknown): CryptoKeyPairLike | undefined => {
    generateKeys.call(self)
    const pair = isRecord(self) ? self._keys : undefined
    return isKeyPair(pair) ? pair : undefined
  }
  shared.getPublicKey = function fast(this: unknown): unknown {
    const x = pairOf(this)?.publicKey.export({ format: 'jwk' }).x
    return typeof x === 'string' ? Buffer.from(x, 'base64url') : getPublicKey.call(this)
  }
  shared.computeSecret = function fast(this: unknown, other: unknown): unknown {
    const pair = pairOf(this)
    if (!pair || !Buffer.isBuffer(other) || other.length !== 32) {
      return computeSecret.call(this, other)
    }
    const x = other.toString('base64url')
    try {
      const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' })
      return toMpint(diffieHellman({ privateKey: pair.privateKey, publicKey }))
    } catch (error) {
      return error
    }
  }
}

type KeyObject = ReturnType<typeof createPublicKey>
interface CryptoKeyPairLike {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}
const isKeyPair = (value: unknown): value is CryptoKeyPairLike =>
  isRecord(value) && isRecord(value.publicKey) && isRecord(value.privateKey)

const signatureHash: Readonly<Record<string, string>> = {
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
  'ssh-rsa': 'sha1',
}

/** undefined: not the ssh2 we know. */
export const protocolOf = (client: Client): Fields | undefined => {
  const protocol = isRecord(client) ? client._protocol : undefined
  return isKnownSsh2 && isRecord(protocol) ? protocol : undefined
}

/**
 * Sends the signature with the first request, instead of asking first whether the key would do: a round trip
 * less. Call after `connect`, with a key we hold. The price: one signature when the key is not wanted.
 */
export const signAtOnce = (client: Client): void => {
  const protocol = protocolOf(client)
  if (!protocol || !isMethod(protocol.authPK)) return
  const send = protocol.authPK
  protocol.authPK = (user: string, key: ParsedKey, algorithm: unknown, give: unknown): unknown => {
    const hash = typeof algorithm === 'string' ? signatureHash[algorithm] : undefined
    const signer =
      give ?? ((data: Buffer, done: (signature: Buffer) => void) => done(key.sign(data, hash)))
    return send.call(protocol, user, key, algorithm, signer)
  }
}

/** The open channel that the server knows by this number. */
const channelOf = (client: Client, remoteId: unknown): Fields | undefined => {
  const manager = isRecord(client) ? client._chanMgr : undefined
  const channels = isRecord(manager) && isRecord(manager._channels) ? manager._channels : {}
  for (const channel of Object.values(channels)) {
    if (!isRecord(channel) || !isRecord(channel.outgoing)) continue
    if (channel.outgoing.id === remoteId && channel.outgoing.state === 'open') return channel
  }
  return undefined
}

/**
 * Asks, at the moment in which a command would leave, whether it still may; its channel is closed if not.
 * False: this ssh2 cannot tell when a command leaves.
 */
export const guardExec = (client: Client, mayLeave: (command: string) => boolean): boolean => {
  const protocol = protocolOf(client)
  if (!protocol || !isMethod(protocol.exec)) return false
  const send = protocol.exec
  protocol.exec = (...args: unknown[]): unknown => {
    const [remoteId, command] = args
    if (typeof command === 'string' && !mayLeave(command)) {
      const channel = channelOf(client, remoteId)
      // Without its channel nothing is sent either: the server keeps an idle one until the connection ends.
      return channel && isMethod(channel.close) ? channel.close() : undefined
    }
    return send.apply(protocol, args)
  }
  return true
}

/** Call after a handshake: some classes of ssh2 can only be had from what it has made. */
export const learnParts = (client: Client): void => {
  const protocol = protocolOf(client)
  if (!protocol) return
  learnCiphers(protocol)
  exchangeRawBytes(protocol._kex)
}

/** Whether the server has said hello. undefined: this ssh2 cannot tell. */
export const sawGreeting = (client: Client): boolean | undefined =>
  isKnownSsh2 && isRecord(client) ? typeof client._remoteVer === 'string' : undefined

/** Asks the server for a sign of life; `onAnswer` may never come. False: cannot ask. */
export const ping = (client: Client, onAnswer: () => void): boolean => {
  const protocol = protocolOf(client)
  const callbacks = isRecord(client) ? client._callbacks : undefined
  if (!protocol || !isMethod(protocol.ping) || !Array.isArray(callbacks)) return false
  callbacks.push(onAnswer)
  protocol.ping.call(protocol)
  return true
}
