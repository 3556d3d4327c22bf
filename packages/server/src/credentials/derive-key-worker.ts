// The worker's side of derive-key.ts: computes one bcrypt_pbkdf key and posts it back.

import { parentPort, workerData } from 'node:worker_threads'
import bcrypt from 'bcrypt-pbkdf'
import type { Derivation } from './derive-key.ts'

const { passphrase, salt, rounds, length } = workerData as Derivation
const key = new Uint8Array(length)
const failed = bcrypt.pbkdf(passphrase, passphrase.length, salt, salt.length, key, length, rounds)
parentPort?.postMessage(failed === 0 ? key : undefined)
