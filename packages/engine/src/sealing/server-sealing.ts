// Sealing of the server, which has the key of every slice: it comes out of one secret and the id of the slice.

import { hkdfSync } from 'node:crypto'
import { directRunOf, Problem, type Slice, secretRefsIn } from '@omserver/core'
import { directMark } from '../direct/direct-mark.ts'
import { sliceKeyOf } from '../direct/run-key.ts'
import type { Idc } from '../ports.ts'
import type { Signing } from '../signing/signing.ts'
import { type Recipient, recipientOf } from './hpke.ts'
import { KEY_BYTES, openBytes, sealBytes } from './sealed-bytes.ts'
import {
  eventsContext,
  packSealedSlice,
  proofContext,
  sliceContext,
  unpackSealedSlice,
} from './sealed-slice.ts'
import type { Sealing } from './sealing.ts'
import { signSlice } from './slice-proof.ts'
import { gatherSecrets, type SecretSource } from './slice-secrets.ts'

export interface ServerSealingParts {
  /** 32 bytes; the same for all servers of one installation. */
  readonly masterKey: Uint8Array
  /** Public keys of the controllers that may open slices of the IDC, as base64. */
  readonly recipients: (idc: Idc) => Promise<readonly string[]>
  readonly secrets: SecretSource
  /** Absent: where there are no certificates, nobody asks who wrote a slice. */
  readonly signing?: Signing
  /** The key of a run that a client began; undefined: there is no such run, or it is not sealed to us. */
  readonly runKeyOf?: (idc: Idc, runId: string) => Promise<Uint8Array | undefined>
}

/** Of runs that clients began, whose slices were read last. */
const KNOWN_RUN_KEYS = 1_000

export const serverSealing = (parts: ServerSealingParts): Sealing => {
  const known = new Map<string, Recipient>()
  const recipient = (publicKey: string): Recipient => {
    const found = known.get(publicKey) ?? recipientOf(publicKey)
    known.set(publicKey, found)
    return found
  }
  const runKeys = new Map<string, Uint8Array>()
  const keyOf = (sliceId: string): Uint8Array => {
    const run = directRunOf(sliceId)
    if (run === undefined) {
      return new Uint8Array(
        hkdfSync('sha256', parts.masterKey, 'omserver slice', sliceId, KEY_BYTES),
      )
    }
    const runKey = runKeys.get(run)
    if (!runKey) throw new Error(`the key of run ${run} is not known here`)
    return sliceKeyOf(runKey, sliceId)
  }
  // A slice has many messages: its key is not made anew for each.
  let last: { readonly sliceId: string; readonly key: Uint8Array } = {
    sliceId: '',
    key: new Uint8Array(),
  }
  const recentKey = (sliceId: string): Uint8Array => {
    if (last.sliceId !== sliceId) last = { sliceId, key: keyOf(sliceId) }
    return last.key
  }

  return {
    async sealSlice(slice) {
      const { idc, sliceId } = slice
      // Its key is the client's, and what it is stands in the client's letter.
      if (directRunOf(sliceId) !== undefined) return directMark(sliceId)
      const publicKeys = await parts.recipients(idc)
      if (publicKeys.length === 0) throw new Problem('NO_CONTROLLER_ENROLLED', { idc })
      const key = keyOf(sliceId)
      const context = sliceContext(idc, sliceId)
      const keys = await Promise.all(publicKeys.map((one) => recipient(one).seal(key, context)))
      const secrets = await gatherSecrets(parts.secrets, {
        refs: secretRefsIn(slice.action),
        credentials: credentialsOf(slice),
        endpoints: slice.hosts.flatMap(({ endpointId }) => endpointId ?? []),
      })
      const plain = Buffer.from(JSON.stringify({ slice, secrets }))
      const signed = parts.signing && (await signSlice(parts.signing, slice, plain))
      return packSealedSlice({
        keys,
        signed: signed && sealBytes(key, signed, proofContext(idc, sliceId)),
        sealed: sealBytes(key, plain, context),
      })
    },
    async openSlice(idc, sliceId, data) {
      const { sealed } = unpackSealedSlice(data)
      const plain = openBytes(keyOf(sliceId), sealed, sliceContext(idc, sliceId))
      return (JSON.parse(Buffer.from(plain).toString('utf8')) as { slice: Slice }).slice
    },
    forget: () => undefined,
    async know(idc, sliceId) {
      const run = directRunOf(sliceId)
      if (run === undefined || runKeys.has(run)) return
      const key = await parts.runKeyOf?.(idc, run)
      if (!key) return
      runKeys.set(run, key)
      const [oldest] = runKeys.keys()
      if (runKeys.size > KNOWN_RUN_KEYS && oldest !== undefined) runKeys.delete(oldest)
    },
    sealEvents: (sliceId, plain) => sealBytes(recentKey(sliceId), plain, eventsContext(sliceId)),
    openEvents: (sliceId, sealed) => openBytes(recentKey(sliceId), sealed, eventsContext(sliceId)),
  }
}

const credentialsOf = ({ hosts }: Slice): readonly string[] =>
  hosts.flatMap(({ access, jumps }) =>
    [access, ...jumps].flatMap(({ credentialId }) => credentialId ?? []),
  )
