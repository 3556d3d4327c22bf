// The OpenSSH private key container: reads it (opening it with its passphrase) and writes it.

import { createDecipheriv, randomBytes } from 'node:crypto'
import { deriveKey } from './derive-key.ts'
import { badKey, unsupportedKey, wrongPassphrase } from './key-problem.ts'
import { field, uint32, WireReader } from './wire.ts'

/** The public blob, and the private fields as the container holds them (type first, comment left out). */
export interface KeyParts {
  readonly type: string
  readonly publicBlob: Buffer
  readonly privateFields: Buffer
}

const MAGIC = 'openssh-key-v1\0'
const BEGIN = '-----BEGIN OPENSSH PRIVATE KEY-----'
const END = '-----END OPENSSH PRIVATE KEY-----'
/** Far above what anybody waits for; below what would hold a process for its whole minute. */
const MAX_ROUNDS = 1000

interface CipherShape {
  readonly name: string
  readonly key: number
  readonly iv: number
  readonly tag: number
}
const ciphers: Readonly<Record<string, CipherShape>> = {
  'aes128-ctr': { name: 'aes-128-ctr', key: 16, iv: 16, tag: 0 },
  'aes192-ctr': { name: 'aes-192-ctr', key: 24, iv: 16, tag: 0 },
  'aes256-ctr': { name: 'aes-256-ctr', key: 32, iv: 16, tag: 0 },
  'aes128-cbc': { name: 'aes-128-cbc', key: 16, iv: 16, tag: 0 },
  'aes192-cbc': { name: 'aes-192-cbc', key: 24, iv: 16, tag: 0 },
  'aes256-cbc': { name: 'aes-256-cbc', key: 32, iv: 16, tag: 0 },
  'aes128-gcm@openssh.com': { name: 'aes-128-gcm', key: 16, iv: 12, tag: 16 },
  'aes256-gcm@openssh.com': { name: 'aes-256-gcm', key: 32, iv: 12, tag: 16 },
}

/** How many fields follow the type in the private section. */
const fieldCount: Readonly<Record<string, number>> = {
  'ssh-ed25519': 2,
  'ssh-rsa': 6,
  'ecdsa-sha2-nistp256': 3,
  'ecdsa-sha2-nistp384': 3,
  'ecdsa-sha2-nistp521': 3,
}

export const isOpensshKey = (text: string): boolean => text.includes(BEGIN)

/** Throws Problem: CREDENTIAL_KEY_BAD {reason}, CREDENTIAL_PASSPHRASE. */
export const readOpensshKey = async (text: string, passphrase?: string): Promise<KeyParts> => {
  const from = text.indexOf(BEGIN)
  const to = text.indexOf(END, from)
  const bytes = Buffer.from(text.slice(from + BEGIN.length, Math.max(to, from)), 'base64')
  if (bytes.subarray(0, MAGIC.length).toString('latin1') !== MAGIC) throw badKey('form')
  try {
    const reader = new WireReader(bytes.subarray(MAGIC.length))
    const cipher = reader.text()
    const kdf = reader.text()
    const kdfOptions = new WireReader(reader.field())
    if (reader.uint32() !== 1) throw badKey('form')
    const publicBlob = reader.field()
    const type = new WireReader(publicBlob).text()
    if (fieldCount[type] === undefined) throw unsupportedKey(type)
    const sealed = reader.field()
    if (cipher === 'none') {
      const parts = unpack(type, publicBlob, sealed)
      if (!parts) throw badKey('form')
      return parts
    }
    if (!passphrase) throw wrongPassphrase()
    const shape = ciphers[cipher]
    if (!shape || kdf !== 'bcrypt') throw unsupportedKey(cipher)
    const salt = kdfOptions.field()
    const rounds = kdfOptions.uint32()
    if (rounds < 1 || rounds > MAX_ROUNDS) throw unsupportedKey(`bcrypt x ${rounds}`)
    const length = shape.key + shape.iv
    const bytesOf = new TextEncoder().encode(passphrase)
    const derived = await deriveKey({ passphrase: bytesOf, salt, rounds, length })
    if (!derived) throw unsupportedKey(`bcrypt x ${rounds}`)
    const plain = decrypt(shape, derived, sealed, reader.rest())
    const parts = plain && unpack(type, publicBlob, plain)
    if (!parts) throw wrongPassphrase()
    return parts
  } catch (error) {
    if (error instanceof RangeError) throw badKey('form')
    throw error
  }
}

/** A key without passphrase, as OpenSSH and ssh2 read it. `checkInt` is any number; OpenSSH wants it random. */
export const writeOpensshKey = (
  parts: KeyParts,
  comment: string,
  checkInt: Buffer = randomBytes(4),
): string => {
  const plain = Buffer.concat([checkInt, checkInt, parts.privateFields, field(comment)])
  const padding = Buffer.from(Array.from({ length: (8 - (plain.length % 8)) % 8 }, (_, i) => i + 1))
  const bytes = Buffer.concat([
    Buffer.from(MAGIC, 'latin1'),
    field('none'),
    field('none'),
    field(''),
    uint32(1),
    field(parts.publicBlob),
    field(Buffer.concat([plain, padding])),
  ])
  const lines = bytes.toString('base64').match(/.{1,70}/g) ?? []
  return `${[BEGIN, ...lines, END].join('\n')}\n`
}

const decrypt = (
  shape: CipherShape,
  derived: Uint8Array,
  sealed: Buffer,
  rest: Buffer,
): Buffer | undefined => {
  const key = derived.subarray(0, shape.key)
  const iv = derived.subarray(shape.key)
  try {
    if (shape.name === 'aes-128-gcm' || shape.name === 'aes-256-gcm') {
      const decipher = createDecipheriv(shape.name, key, iv)
      decipher.setAuthTag(rest.subarray(0, shape.tag))
      return Buffer.concat([decipher.update(sealed), decipher.final()])
    }
    const decipher = createDecipheriv(shape.name, key, iv)
    decipher.setAutoPadding(false)
    return Buffer.concat([decipher.update(sealed), decipher.final()])
  } catch {
    return undefined
  }
}

/** undefined when the two check numbers differ: a wrong passphrase, or damage. */
const unpack = (type: string, publicBlob: Buffer, plain: Buffer): KeyParts | undefined => {
  try {
    const reader = new WireReader(plain)
    const check = reader.uint32()
    if (reader.uint32() !== check) return undefined
    const fields = [field(reader.field())]
    for (let i = 0; i < (fieldCount[type] ?? 0); i++) fields.push(field(reader.field()))
    if (new WireReader(fields[0] ?? Buffer.alloc(0)).text() !== type) return undefined
    return { type, publicBlob, privateFields: Buffer.concat(fields) }
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
