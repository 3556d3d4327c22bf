// bcrypt_pbkdf, which protects OpenSSH keys with a passphrase, off the main thread.

import { Worker } from 'node:worker_threads'

export interface Derivation {
  readonly passphrase: Uint8Array
  readonly salt: Uint8Array
  readonly rounds: number
  /** Bytes wanted. */
  readonly length: number
}

const DEADLINE_MS = 60_000

/**
 * One round takes about 30 ms of pure JavaScript and `ssh-keygen -a 100` is common advice: on the main thread
 * every request would wait for it. undefined when it cannot be computed within a minute.
 */
export const deriveKey = (derivation: Derivation): Promise<Uint8Array | undefined> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./derive-key-worker.ts', import.meta.url), {
      workerData: derivation,
    })
    const timer = setTimeout(() => end(() => resolve(undefined)), DEADLINE_MS)
    const end = (settle: () => void) => {
      clearTimeout(timer)
      settle()
      void worker.terminate()
    }
    worker.once('message', (key: Uint8Array | undefined) => end(() => resolve(key)))
    worker.once('error', (error) => end(() => reject(error)))
  })
