// The other side of derive-key.ts: computes one bcrypt_pbkdf key and sends it back.

import bcrypt from 'bcrypt-pbkdf'
import type { Derivation } from './derive-key.ts'

process.once('message', ({ passphrase, salt, rounds, length }: Derivation) => {
  const key = new Uint8Array(length)
  const failed = bcrypt.pbkdf(passphrase, passphrase.length, salt, salt.length, key, length, rounds)
  process.send?.({ key: failed === 0 ? key : undefined }, () => process.exit(0))
})
