// Servers on one database have one key file: what says that it is the same, without saying what it is.

import { hkdfSync, timingSafeEqual } from 'node:crypto'
import { existsSync } from 'node:fs'
import { Problem } from '@omserver/core'
import { z } from 'zod'
import { openKeyFile } from '../sealer.ts'

const storedSchema = z.object({ check: z.string(), server: z.string(), file: z.string() })

export const derivedKey = (masterKey: Uint8Array, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', masterKey, '', purpose, 32))

const checkOf = (masterKey: Uint8Array): string =>
  derivedKey(masterKey, 'omserver key check').toString('base64url')

/** As it is stored. `server` and `file` are for people: where the file can be copied from. */
export const keyCheckOf = (
  masterKey: Uint8Array,
  from: { readonly server: string; readonly file: string },
): string => JSON.stringify({ check: checkOf(masterKey), ...from })

/**
 * The key in this file. Throws Problem('KEY_FILE_OTHER', {file, server, original}) when it is not the one that the
 * database was used with, or not there; KEY_FILE_OPEN, KEY_FILE_BAD.
 */
export const sameKey = (file: string, stored: string): Uint8Array => {
  const { check, server, file: original } = storedSchema.parse(JSON.parse(stored))
  const other = () => new Problem('KEY_FILE_OTHER', { file, server, original })
  if (!existsSync(file)) throw other()
  const key = openKeyFile(file, true)
  const [a, b] = [Buffer.from(checkOf(key)), Buffer.from(check)]
  if (a.length !== b.length || !timingSafeEqual(a, b)) throw other()
  return key
}
