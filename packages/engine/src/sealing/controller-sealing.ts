// Sealing of a controller: it knows the keys of the slices it holds, and their secrets, and no others.

import { directRunOf, type EndpointSecrets, type Secrets, type Slice } from '@omserver/core'
import { z } from 'zod'
import { directMark, readDirectMark } from '../direct/direct-mark.ts'
import type { Idc } from '../ports.ts'
import type { Verifier } from '../signing/signing.ts'
import { type OpeningKey, openingKeyOf } from './hpke.ts'
import { openBytes, sealBytes } from './sealed-bytes.ts'
import { eventsContext, proofContext, sliceContext, unpackSealedSlice } from './sealed-slice.ts'
import type { Sealing } from './sealing.ts'
import { checkSlice } from './slice-proof.ts'
import { HeldSecrets, type SliceSecrets, sliceSecretsSchema } from './slice-secrets.ts'

interface Held {
  readonly key: Uint8Array
  readonly secrets: SliceSecrets[]
}

const contentSchema = z.object({
  /** Written by the server, whose word it is: signed by it, or sealed among those who trust each other. */
  slice: z.custom<Slice>((value) => typeof value === 'object' && value !== null),
  secrets: sliceSecretsSchema,
})

export interface ControllerSealing extends Sealing {
  /** Of the slices that are held. */
  readonly secrets: Secrets & EndpointSecrets
  /** What the server must know of us, as base64. */
  readonly publicKey: string
  readonly own: OpeningKey
}

/** A slice of a run that a client began, as its letter and the book of the IDC have it. Rejects with what forbids it. */
export type OpenDirect = (
  idc: Idc,
  sliceId: string,
) => Promise<{ readonly slice: Slice; readonly key: Uint8Array; readonly secrets: SliceSecrets }>

/**
 * @param privateKey PKCS#8 PEM of an X25519 key. Throws when it is something else.
 * @param proof who signs slices; absent: where there are no certificates, nobody does
 * @param openDirect absent: nobody begins runs in the IDC
 */
export const controllerSealing = (
  privateKey: string,
  proof?: { readonly verifier: Verifier; readonly now: () => number },
  openDirect?: OpenDirect,
): ControllerSealing => {
  const own = openingKeyOf(privateKey)
  const held = new Map<string, Held>()
  const secrets = new HeldSecrets()

  const keyOf = (sliceId: string): Uint8Array => {
    const key = held.get(sliceId)?.key
    if (!key) throw new Error(`the key of slice ${sliceId} is not known here`)
    return key
  }

  const hold = (sliceId: string, key: Uint8Array, given: SliceSecrets): void => {
    const before = held.get(sliceId)
    held.set(sliceId, { key, secrets: [...(before?.secrets ?? []), given] })
    secrets.keep(given)
  }

  return {
    secrets,
    publicKey: own.publicKey,
    own,
    async sealSlice({ sliceId }) {
      if (directRunOf(sliceId) !== undefined) return directMark(sliceId)
      throw new Error('a controller offers no slices of its own')
    },
    async openSlice(idc, sliceId, data) {
      if (openDirect && readDirectMark(sliceId, data) !== undefined) {
        const opened = await openDirect(idc, sliceId)
        hold(sliceId, opened.key, opened.secrets)
        return opened.slice
      }
      const { keys, signed, sealed } = unpackSealedSlice(data)
      const context = sliceContext(idc, sliceId)
      const ours = keys.find(({ to }) => to === own.fingerprint)
      if (!ours) throw new Error(`slice ${sliceId} is sealed to other controllers`)
      const key = await own.open(ours, context)
      const plain = openBytes(key, sealed, context)
      if (proof) {
        const signature = signed && openProof(key, signed, proofContext(idc, sliceId))
        checkSlice(proof.verifier, { idc, sliceId }, plain, signature, proof.now())
      }
      const content = contentSchema.parse(JSON.parse(Buffer.from(plain).toString('utf8')))
      hold(sliceId, key, content.secrets)
      return content.slice
    },
    forget(sliceId) {
      const entry = held.get(sliceId)
      const last = entry?.secrets.pop()
      if (last) secrets.drop(last)
      if (entry?.secrets.length === 0) held.delete(sliceId)
    },
    sealEvents: (sliceId, plain) => sealBytes(keyOf(sliceId), plain, eventsContext(sliceId)),
    openEvents: (sliceId, sealed) => openBytes(keyOf(sliceId), sealed, eventsContext(sliceId)),
  }
}

/** undefined: no signature. It opened, so it was sealed to us; by whom, remains to be proven. */
const openProof = (
  key: Uint8Array,
  signed: Uint8Array,
  context: string,
): Uint8Array | undefined => {
  try {
    return openBytes(key, signed, context)
  } catch {
    return undefined
  }
}
