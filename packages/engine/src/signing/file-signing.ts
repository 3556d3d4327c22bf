// Signs with the certificates that we connect with, and knows their CA.

import { createPrivateKey, type KeyObject, sign, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { NatsTls } from '../nats/nats-options.ts'
import type { Idc } from '../ports.ts'
import { certificateAuthority } from './authority.ts'
import { toBeSigned } from './signed-text.ts'
import type { Signing } from './signing.ts'
import { verifierOf } from './verifier.ts'

/** One that was renewed is used from then on, without a restart. */
const READ_AGAIN_MS = 60_000

export interface SigningParts {
  readonly caFile: string
  /** What is shown in the IDC. */
  readonly tlsOf: (idc: Idc) => Promise<NatsTls>
  readonly now: () => number
  readonly monotonic: () => number
}

interface Held {
  readonly certificate: Uint8Array
  readonly key: KeyObject
}

/** Rejects when there is no CA in the file. */
export const openFileSigning = async (parts: SigningParts): Promise<Signing> => {
  const { now, monotonic } = parts
  const authority = certificateAuthority(await readFile(parts.caFile, 'utf8'), now)
  const held = new Map<string, { readonly until: number; readonly read: Promise<Held> }>()

  const heldOf = async (idc: Idc): Promise<Held> => {
    const { certFile, keyFile } = await parts.tlsOf(idc)
    if (certFile === undefined || keyFile === undefined)
      throw new Error(`nothing to sign with in ${idc}`)
    const before = held.get(certFile)
    if (before && monotonic() < before.until) return before.read
    const read = readHeld(certFile, keyFile)
    held.set(certFile, { until: monotonic() + READ_AGAIN_MS, read })
    read.catch(() => held.delete(certFile))
    return read
  }

  return {
    ...verifierOf(authority),
    async sign(context, bytes, after = 0) {
      const { certificate, key } = await heldOf(context.idc)
      const at = Math.max(now(), after + 1)
      return { certificate, at, signature: sign('sha256', toBeSigned(context, at, bytes), key) }
    },
  }
}

const readHeld = async (certFile: string, keyFile: string): Promise<Held> => {
  const [certificate, key] = await Promise.all([readFile(certFile), readFile(keyFile)])
  return { certificate: new X509Certificate(certificate).raw, key: createPrivateKey(key) }
}
