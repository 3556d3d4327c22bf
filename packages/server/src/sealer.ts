// Seals what must not lie open in the database: AES-256-GCM under a key file beside it.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { Problem } from '@omserver/core'
import type { Sealer } from './services.ts'

const VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32

/**
 * Reads the key, or makes one where nothing has been sealed yet.
 * Throws Problem: KEY_FILE_MISSING, KEY_FILE_OPEN (others may read it), KEY_FILE_BAD.
 */
export const openKeyFile = (file: string, sealedDataExist: boolean): Uint8Array => {
  if (!existsSync(file)) {
    if (sealedDataExist) throw new Problem('KEY_FILE_MISSING', { file })
    return newKeyFile(file)
  }
  const mode = statSync(file).mode & 0o777
  if ((mode & 0o077) !== 0) {
    throw new Problem('KEY_FILE_OPEN', { file, mode: mode.toString(8).padStart(4, '0') })
  }
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64')
  if (key.length !== KEY_BYTES) throw new Problem('KEY_FILE_BAD', { file })
  return key
}

const newKeyFile = (file: string): Uint8Array => {
  const key = randomBytes(KEY_BYTES)
  const handle = openSync(file, 'wx', 0o600)
  try {
    writeSync(handle, `${key.toString('base64')}\n`)
    // A credential sealed with a key that a power cut took away could never be opened again.
    fsyncSync(handle)
  } catch (error) {
    // On a full disk it would stay behind empty, and keep the next start from making a whole one.
    rmSync(file, { force: true })
    throw error
  } finally {
    closeSync(handle)
  }
  return key
}

/** Sealed bytes are: version, nonce, tag, ciphertext. Opening anything else throws Problem('SEAL_BROKEN'). */
export const createSealer = (key: Uint8Array): Sealer => ({
  seal: (plain, context) => {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    cipher.setAAD(Buffer.from(context))
    const text = Buffer.concat([cipher.update(plain), cipher.final()])
    return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), text])
  },
  open: (sealed, context) => {
    const bytes = Buffer.from(sealed)
    if (bytes[0] !== VERSION || bytes.length < 1 + NONCE_BYTES + TAG_BYTES) {
      throw new Problem('SEAL_BROKEN')
    }
    const nonce = bytes.subarray(1, 1 + NONCE_BYTES)
    const tag = bytes.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES)
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(context))
    decipher.setAuthTag(tag)
    try {
      return Buffer.concat([
        decipher.update(bytes.subarray(1 + NONCE_BYTES + TAG_BYTES)),
        decipher.final(),
      ])
    } catch {
      throw new Problem('SEAL_BROKEN')
    }
  },
})
