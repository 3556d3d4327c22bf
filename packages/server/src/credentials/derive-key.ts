// bcrypt_pbkdf, which protects OpenSSH keys with a passphrase, outside of the server's own process.

import { startProcess } from '../own-process.ts'

export interface Derivation {
  readonly passphrase: Uint8Array
  readonly salt: Uint8Array
  readonly rounds: number
  /** Bytes wanted. */
  readonly length: number
}

const DEADLINE_MS = 60_000

/**
 * One round takes about 30 ms of pure JavaScript and `ssh-keygen -a 100` is common advice: in the server every
 * request would wait for it. undefined when it cannot be computed within a minute.
 */
export const deriveKey = async (derivation: Derivation): Promise<Uint8Array | undefined> => {
  const derived = Promise.withResolvers<Uint8Array | undefined>()
  const file = new URL('./derive-key-process.ts', import.meta.url)
  const process = startProcess(file, [], {
    message: (message) => derived.resolve(keyIn(message)),
    ended: (why) => derived.reject(new Error(`the process that derives a key ${why}`)),
  })
  const timer = setTimeout(() => derived.resolve(undefined), DEADLINE_MS)
  // The passphrase goes through the channel: arguments and environment can be read by others.
  process.send(derivation)
  try {
    return await derived.promise
  } finally {
    clearTimeout(timer)
    void process.kill()
  }
}

const keyIn = (message: unknown): Uint8Array | undefined =>
  typeof message === 'object' &&
  message !== null &&
  'key' in message &&
  message.key instanceof Uint8Array
    ? message.key
    : undefined
