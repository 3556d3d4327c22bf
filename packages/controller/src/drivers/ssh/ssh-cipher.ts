// AES-GCM packets of ssh2 without its native addon: one write a packet instead of three, keys decoded once.

import {
  type CipherGCM,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
  randomFillSync,
} from 'node:crypto'
import { type Fields, isMethod, isRecord, type Method } from '../../loose.ts'

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

/** The state of ssh2's AESGCMDecipherNative that we work on. */
interface GcmDecipher {
  readonly _decipherSSLName: string
  readonly _decipherIV: Buffer
  readonly _onPayload: (payload: Buffer) => number | false | undefined
  _decipherKey: Buffer | KeyObject
  _decipherInstance: unknown
  /** Of a packet that has not come whole; its length field so far. */
  _lenBytes: number
  inSeqno: number
}

const isGcmDecipher = (decipher: unknown): decipher is GcmDecipher =>
  isRecord(decipher) &&
  typeof decipher._decipherSSLName === 'string' &&
  /^aes-(128|256)-gcm$/.test(decipher._decipherSSLName) &&
  Buffer.isBuffer(decipher._decipherIV) &&
  decipher._decipherIV.length === 12 &&
  Buffer.isBuffer(decipher._decipherKey) &&
  isMethod(decipher._onPayload) &&
  typeof decipher._lenBytes === 'number' &&
  typeof decipher.inSeqno === 'number'

/** What ssh2 takes at most. */
const MAX_PACKET_BYTES = 35_000

/** Decrypts the packet that begins at `at`. Throws when a bit of it was altered. */
const openPacket = (self: GcmDecipher, data: Buffer, at: number, length: number): Buffer => {
  const { _decipherSSLName: name, _decipherKey: key, _decipherIV: iv } = self
  const decipher = createDecipheriv(gcmName(name), key, iv)
  const end = at + 4 + length
  decipher.setAAD(data.subarray(at, at + 4))
  decipher.setAuthTag(data.subarray(end, end + TAG_BYTES))
  const body = decipher.update(data.subarray(at + 4, end))
  decipher.final()
  const padding = body[0] ?? 0
  if (padding >= length) throw new Error('Bad packet padding')
  return body.subarray(1, length - padding)
}

/** Packets that have come whole, without gathering them piece by piece; `slow` is ssh2's own, for all others. */
const decryptWith = (slow: Method) =>
  function decrypt(this: GcmDecipher, data: Buffer, from: number, end: number): unknown {
    if (Buffer.isBuffer(this._decipherKey)) this._decipherKey = createSecretKey(this._decipherKey)
    let at = from
    while (at < end) {
      const length = this._lenBytes === 0 && end - at > 4 ? data.readUInt32BE(at) : 0
      const usual = length >= BLOCK_BYTES && length % BLOCK_BYTES === 0
      if (!usual || length > MAX_PACKET_BYTES - 20 || end - at < 4 + length + TAG_BYTES) {
        const result = slow.call(this, data, at, end)
        // Between packets: a used decipher is a kilobyte or two, on each of ten thousand idle connections.
        if (this._lenBytes === 0) this._decipherInstance = null
        return result
      }
      const payload = openPacket(this, data, at, length)
      at += 4 + length + TAG_BYTES
      this.inSeqno = (this.inSeqno + 1) >>> 0
      countUp(this._decipherIV)
      const next = this._onPayload(payload)
      if (next !== undefined) return next === false ? at : next
    }
    return undefined
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
  if (!decipherDone && isGcmDecipher(decipher)) {
    decipherDone = true
    const shared = prototypeOf(decipher, 'AESGCMDecipherNative')
    if (shared && isMethod(shared.decrypt)) shared.decrypt = decryptWith(shared.decrypt)
  }
}
