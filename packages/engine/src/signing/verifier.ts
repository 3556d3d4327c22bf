// Verifies what others have signed.

import { type KeyObject, verify as verifySignature } from 'node:crypto'
import type { CertificateAuthority } from './authority.ts'
import type { CertifiedIdentity } from './identity.ts'
import { toBeSigned } from './signed-text.ts'
import { NotProven, type Verifier } from './signing.ts'

export const verifierOf = (authority: CertificateAuthority): Verifier => {
  /** A name is issued again only when it was revoked: who has seen the later one needs no list of what was revoked. */
  const latest = new Map<string, number>()

  const refuseEarlier = ({ kind, name, generation }: CertifiedIdentity): void => {
    const who = `${kind} ${name}`
    const known = latest.get(who) ?? 0
    if (generation < known) throw new NotProven(`${who} was revoked, and has another certificate`)
    latest.set(who, generation)
  }

  return {
    verify(context, bytes, signed, mayBe) {
      if (!signed) throw new NotProven('it is not signed')
      const { publicKey, identity, shown } = authority.know(signed.certificate)
      const text = toBeSigned(context, signed.at, bytes)
      if (!isSignedBy(publicKey, text, signed.signature)) {
        throw new NotProven(`the signature of ${identity.kind} ${identity.name} does not fit`)
      }
      const inPlace = identity.kind === 'hub' || identity.idc === context.idc
      if (!inPlace || !mayBe.includes(identity.kind)) {
        const place = identity.idc === undefined ? '' : ` of ${identity.idc}`
        const thing = `${context.what} of ${context.idc}`
        throw new NotProven(`${identity.kind} ${identity.name}${place} may not sign a ${thing}`)
      }
      refuseEarlier(identity)
      return { by: identity, at: signed.at, certificate: shown }
    },
  }
}

const isSignedBy = (publicKey: KeyObject, text: Uint8Array, signature: Uint8Array): boolean => {
  // Keys that were made elsewhere may be RSA.
  if (publicKey.asymmetricKeyType !== 'ec' && publicKey.asymmetricKeyType !== 'rsa') return false
  try {
    return verifySignature('sha256', text, publicKey, signature)
  } catch {
    return false
  }
}
