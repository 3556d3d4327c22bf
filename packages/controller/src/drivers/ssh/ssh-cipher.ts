// AES-GCM packets of ssh2 without its native addon: one write a packet instead of three, keys decoded once.

import {
  type CipherGCM,
  createCipheriv,
  createSecretKey,
  type KeyObject,
  randomFillSync,
} from 'node:crypto'
import { type Fields, isMethod, isRecord } from './loose.ts'

/** The state of ssh2's AESGCMCipherNative that we work on. */
interface GcmCipher {
  readonly _encSSLName: string
  readonly _encIV: Buffer
  readonly _onWrite: (bytes: Buffer) => void
  _encKey: Buffer | KeyObject
  _dead: boolean
  outSeqno: number
}

const TAG_BYTES = 16
const BLOCK_BYTES = 16

const isGcmCipher = (cipher: unknown): cipher is GcmCipher =>
  isRecord(cipher) &&
  typeof cipher._encSSLName === 'string' &&
  /^aes-(128|256)-gcm$/.test(cipher._encSSLName) &&
  Buffer.isBuffer(cipher._encIV) &&
  cipher._encIV.length === 12 &&
  Buffer.isBuffer(cipher._encKey) &&
  isMethod(cipher._onWrite) &&
  typeof cipher.outSeqno === 'number'

/** RFC 5647: the last eight bytes count packets. */
const countUp = (iv: Buffer): void => {
  for (let at = 11; at >= 4; at--) {
    const next = ((iv[at] ?? 0) + 1) & 0xff
    iv[at] = next
    if (next !== 0) return
  }
}

const random = Buffer.allocUnsafeSlow(16 * 1024)
let randomAt = random.length

/** Padding: nobody relies on it, but it should not tell anything either. */
const fillRandom = (packet: Buffer, from: number, length: number): void => {
  if (randomAt + length > random.length) {
    randomFillSync(random)
    randomAt = 0
  }
  random.copy(packet, from, randomAt, randomAt + length)
  randomAt += length
}

function allocPacket(payloadLength: number): Buffer {
  const content = 1 + payloadLength
  let padding = BLOCK_BYTES - (content % BLOCK_BYTES)
  if (padding < 4) padding += BLOCK_BYTES
  const packet = Buffer.allocUnsafe(4 + content + padding)
  packet.writeUInt32BE(content + padding, 0)
  packet[4] = padding
  fillRandom(packet, 4 + content, padding)
  return packet
}

function encrypt(this: GcmCipher, packet: Buffer): void {
  if (this._dead) return
  if (Buffer.isBuffer(this._encKey)) this._encKey = createSecretKey(this._encKey)
  const cipher: CipherGCM = createCipheriv(gcmName(this._encSSLName), this._encKey, this._encIV)
  const length = packet.subarray(0, 4)
  cipher.setAAD(length)
  const body = cipher.update(packet.subarray(4))
  cipher.final()
  const out = Buffer.allocUnsafe(4 + body.length + TAG_BYTES)
  length.copy(out, 0)
  body.copy(out, 4)
  cipher.getAuthTag().copy(out, 4 + body.length)
  countUp(this._encIV)
  this.outSeqno = (this.outSeqno + 1) >>> 0
  this._onWrite(out)
}

const gcmName = (name: string): 'aes-128-gcm' | 'aes-256-gcm' =>
  name === 'aes-256-gcm' ? 'aes-256-gcm' : 'aes-128-gcm'

const prototypeOf = (instance: unknown, name: string): Fields | undefined => {
  const shared: unknown = isRecord(instance) ? Object.getPrototypeOf(instance) : undefined
  if (!isRecord(shared)) return undefined
  const made = shared.constructor
  return isMethod(made) && made.name === name ? shared : undefined
}

let cipherDone = false
let decipherDone = false

/** A copy that does not keep a shared block of eight kilobytes alive for its few bytes. */
const alone = (bytes: unknown): unknown => {
  if (!Buffer.isBuffer(bytes)) return bytes
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(copy)
  return copy
}

/** Call after a handshake: the classes can only be had from their instances. */
export const learnCiphers = (protocol: Fields): void => {
  const { _cipher: cipher, _decipher: decipher } = protocol
  protocol._remoteIdentRaw = alone(protocol._remoteIdentRaw)
  if (isRecord(cipher)) cipher._encIV = alone(cipher._encIV)
  if (isRecord(decipher)) {
    decipher._decipherIV = alone(decipher._decipherIV)
    decipher._tag = alone(decipher._tag)
  }
  if (!cipherDone && isGcmCipher(cipher)) {
    cipherDone = true
    const shared = prototypeOf(cipher, 'AESGCMCipherNative')
    if (shared && isMethod(shared.encrypt) && isMethod(shared.allocPacket)) {
      shared.encrypt = encrypt
      shared.allocPacket = allocPacket
    }
  }
  const shared = decipherDone ? undefined : prototypeOf(decipher, 'AESGCMDecipherNative')
  if (shared && isMethod(shared.decrypt)) {
    decipherDone = true
    const { decrypt } = shared
    shared.decrypt = function decryptWithDecodedKey(this: unknown, ...args: unknown[]): unknown {
      if (isRecord(this) && Buffer.isBuffer(this._decipherKey)) {
        this._decipherKey = createSecretKey(this._decipherKey)
      }
      const result = decrypt.apply(this, args)
      // Between packets: a used decipher is a kilobyte or two, on each of ten thousand idle connections.
      if (isRecord(this) && this._lenBytes === 0) this._decipherInstance = null
      return result
    }
  }
}
