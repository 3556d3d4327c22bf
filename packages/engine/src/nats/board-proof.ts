// That the values on a board are the server's word, and not older than what has been read under their key.

import type { Json } from '@omserver/core'
import type { Idc } from '../ports.ts'
import { NotProven, type Signing, type SigningContext } from '../signing/signing.ts'
import { decodeSigned, encodeSigned } from './signed-payload.ts'

/** Of runs and controllers that somebody still wants something of; the oldest is forgotten. */
const KNOWN_KEYS = 10_000

export interface BoardProof {
  /** @param value undefined: there is none any more. @param lying the message that lies under the key now */
  encode(key: string, value: Json | undefined, lying: Uint8Array | undefined): Promise<Uint8Array>
  /** Throws NotProven. */
  decode(key: string, data: Uint8Array, isRemoval: boolean): Json
  /** What was removed, and is nobody's any more. */
  forget(key: string): void
}

export const boardProof = (signing: Signing, what: string, idc: Idc): BoardProof => {
  const newest = new Map<string, number>()

  // A header is not signed: that a message removes must be another thing to sign.
  const contextOf = (key: string, isRemoval: boolean): SigningContext => ({
    what: isRemoval ? `${what} removed` : what,
    idc,
    key,
  })

  const timeOf = (key: string, data: Uint8Array): number => {
    for (const isRemoval of [false, true]) {
      try {
        return decodeSigned(signing, contextOf(key, isRemoval), data).at
      } catch {
        // The other kind, or nothing that counts.
      }
    }
    return 0
  }

  const keep = (key: string, at: number): void => {
    newest.delete(key)
    newest.set(key, at)
    const [oldest] = newest.keys()
    if (newest.size > KNOWN_KEYS && oldest !== undefined) newest.delete(oldest)
  }

  return {
    async encode(key, value, lying) {
      const before = Math.max(newest.get(key) ?? 0, lying ? timeOf(key, lying) : 0)
      const data = await encodeSigned(
        signing,
        contextOf(key, value === undefined),
        value ?? null,
        before,
      )
      keep(key, timeOf(key, data))
      return data
    },
    decode(key, data, isRemoval) {
      const { value, at } = decodeSigned(signing, contextOf(key, isRemoval), data)
      if (at < (newest.get(key) ?? 0)) throw new NotProven('a newer one was there before it')
      keep(key, at)
      return value
    },
    forget: (key) => void newest.delete(key),
  }
}
