// How a controller shows its certificate: with a signature over the key that slices are to be sealed to.

import type { Idc, SignedJson } from '../ports.ts'
import { readSigned, signedJson } from './signed-text.ts'
import { NotProven, type Proven, type Signer, type Verifier } from './signing.ts'

export interface Introduced {
  readonly idc: Idc
  readonly name: string
  /** Base64. */
  readonly sealKey: string
}

const contextOf = ({ idc, name }: Introduced) => ({ what: 'hello', idc, key: `controller:${name}` })

export const signHello = async (signer: Signer, who: Introduced): Promise<SignedJson> =>
  signedJson(await signer.sign(contextOf(who), Buffer.from(who.sealKey)))

/**
 * An old one that is brought back introduces whom the CA has certified, with the key that he has: it is not asked when
 * it was signed. Throws NotProven, also when its certificate has another name or another key in it.
 */
export const checkHello = (verifier: Verifier, who: Introduced, hello: unknown): Proven => {
  const bytes = Buffer.from(who.sealKey)
  const proven = verifier.verify(contextOf(who), bytes, readSigned(hello), ['controller'])
  if (proven.by.name !== who.name) {
    throw new NotProven(`controller ${proven.by.name} is not ${who.name}`)
  }
  const { sealKey } = proven.certificate
  if (sealKey !== undefined && sealKey !== who.sealKey) {
    throw new NotProven('its certificate has another sealing key')
  }
  return proven
}
