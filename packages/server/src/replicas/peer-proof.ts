// How servers on one database tell each other from strangers: a request that is handed on carries a proof, made with a
// key that comes from their key file.

import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import { Problem } from '@omserver/core'
import { z } from 'zod'
import { derivedKey } from './key-check.ts'

export const PEER_HEADER = 'x-om-peer'

/** What is proven, with method and address of the request. */
const claimSchema = z.object({
  /** Of the process that hands on. */
  by: z.string().max(100),
  name: z.string().max(300),
  /** Counts up: no two requests of a process have the same. */
  n: z.number().int().nonnegative(),
  /** Id of the time at the wheel that is meant: a proof is worth nothing to the next one. */
  to: z.string().max(100),
  /** Address of the client. */
  from: z.string().max(100),
})
export type Claim = z.output<typeof claimSchema>

interface Asked {
  readonly method: string
  readonly url: string
}

const purpose = 'omserver peers'

const macOf = (key: Buffer, { method, url }: Asked, claim: string): Buffer =>
  createHmac('sha256', key).update(`${method}\n${url}\n${claim}`).digest()

/** Makes the value of the header. */
export const peerProver = (
  masterKey: Uint8Array,
  name: string,
): ((asked: Asked, to: string, from: string) => string) => {
  const key = derivedKey(masterKey, purpose)
  const by = randomUUID()
  let n = 0
  return (asked, to, from) => {
    n++
    const claim = Buffer.from(JSON.stringify({ by, name, n, to, from })).toString('base64url')
    return `${claim}.${macOf(key, asked, claim).toString('base64url')}`
  }
}

/** Requests of one process overtake each other by less than this. */
const WINDOW = 5_000
/** Every start of a server is another process. */
const MOST_PROCESSES = 100

/**
 * Takes each proof once, without a clock: two machines need not agree on the time.
 * Throws Problem PEER_REFUSED: made with another key, for another request, or seen before; NOT_DRIVING: for another
 * time at the wheel than `id`.
 */
export const peerVerifier = (
  masterKey: Uint8Array,
  id: string,
): ((asked: Asked, header: string) => Claim) => {
  const key = derivedKey(masterKey, purpose)
  const seen = new Map<string, { highest: number; readonly numbers: Set<number> }>()

  const isFresh = ({ by, n }: Claim): boolean => {
    const known = seen.get(by) ?? { highest: 0, numbers: new Set() }
    if (n <= known.highest - WINDOW || known.numbers.has(n)) return false
    known.numbers.add(n)
    known.highest = Math.max(known.highest, n)
    for (const old of known.numbers) {
      if (known.numbers.size <= WINDOW) break
      if (old <= known.highest - WINDOW) known.numbers.delete(old)
    }
    // The one that spoke last stands last.
    seen.delete(by)
    seen.set(by, known)
    for (const oldest of seen.keys()) {
      if (seen.size <= MOST_PROCESSES) break
      seen.delete(oldest)
    }
    return true
  }

  return (asked, header) => {
    const [claim = '', mac = ''] = header.split('.')
    const [given, right] = [Buffer.from(mac, 'base64url'), macOf(key, asked, claim)]
    if (given.length !== right.length || !timingSafeEqual(given, right)) {
      throw new Problem('PEER_REFUSED')
    }
    const parsed = claimSchema.parse(JSON.parse(Buffer.from(claim, 'base64url').toString()))
    if (parsed.to !== id) throw new Problem('NOT_DRIVING')
    if (!isFresh(parsed)) throw new Problem('PEER_REFUSED')
    return parsed
  }
}
