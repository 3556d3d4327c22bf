// The CA as whoever verifies knows it: which certificates it has issued, and whether they are good now.

import { type KeyObject, X509Certificate } from 'node:crypto'
import { certifiedSealKey } from './certified-seal-key.ts'
import { type CertifiedIdentity, identityIn } from './identity.ts'
import { NotProven, type ShownCertificate } from './signing.ts'

/**
 * Clocks of machines differ, and what was signed may wait for its reader: nats-server, which has let the signer in,
 * is the one that is strict.
 */
const SKEW_MS = 24 * 60 * 60 * 1000
/** Of 200 controllers, renewed now and then. */
const KNOWN_CERTIFICATES = 1_000

interface KnownCertificate {
  readonly publicKey: KeyObject
  readonly identity: CertifiedIdentity
  readonly shown: ShownCertificate
}

export interface CertificateAuthority {
  /** Throws NotProven when it is not ours, nobody's, or not good now. */
  know(der: Uint8Array): KnownCertificate
}

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

const issuerIn = (
  certificates: readonly X509Certificate[],
  of: X509Certificate,
): X509Certificate | undefined =>
  certificates.find((one) => one.ca && of.checkIssued(one) && of.verify(one.publicKey))

/** @param pem what ca.crt holds: the CA, and those above it when another has signed it */
export const certificateAuthority = (pem: string, now: () => number): CertificateAuthority => {
  const authorities = (pem.match(BLOCK) ?? []).map((block) => new X509Certificate(block))
  if (authorities.length === 0) throw new RangeError('no certificate of a CA')
  const known = new Map<string, KnownCertificate & { readonly chain: readonly X509Certificate[] }>()

  /** From the certificate up to one that has signed itself. */
  const chainOf = (leaf: X509Certificate): readonly X509Certificate[] => {
    const chain = [leaf]
    for (let top = leaf; chain.length <= authorities.length + 1; ) {
      const issuer = issuerIn(authorities, top)
      if (!issuer) break
      if (issuer === top) return chain
      chain.push(issuer)
      top = issuer
    }
    throw new NotProven(`its certificate is not from our CA (${nameOf(leaf)})`)
  }

  const learn = (der: Uint8Array) => {
    let x509: X509Certificate
    try {
      x509 = new X509Certificate(der)
    } catch {
      throw new NotProven('its certificate cannot be read')
    }
    const chain = chainOf(x509)
    const identity = identityIn(x509.subjectAltName)
    if (!identity || x509.ca) throw new NotProven(`its certificate is nobody's (${nameOf(x509)})`)
    const shown = {
      serial: x509.serialNumber.toLowerCase(),
      fingerprint: x509.fingerprint256.replaceAll(':', '').toLowerCase(),
      endsAt: Date.parse(x509.validTo),
      sealKey: certifiedSealKey(der),
    }
    return { publicKey: x509.publicKey, identity, shown, chain }
  }

  return {
    know(der) {
      const place = Buffer.from(der).toString('base64')
      const found = known.get(place) ?? learn(der)
      const time = now()
      for (const { validFrom, validTo } of found.chain) {
        if (time < Date.parse(validFrom) - SKEW_MS)
          throw new NotProven(`not good before ${validFrom}`)
        if (time > Date.parse(validTo) + SKEW_MS) throw new NotProven(`ended on ${validTo}`)
      }
      known.set(place, found)
      const [oldest] = known.keys()
      if (known.size > KNOWN_CERTIFICATES && oldest !== undefined) known.delete(oldest)
      return found
    },
  }
}

const nameOf = ({ subjectAltName, subject }: X509Certificate): string =>
  (subjectAltName ?? subject ?? '').slice(0, 200)
