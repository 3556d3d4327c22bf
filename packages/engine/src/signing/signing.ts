// Bytes that prove who wrote them: a signature by the key of a certificate, over what they are and where they belong.

import type { Idc } from '../ports.ts'
import type { CertifiedIdentity, CertifiedKind } from './identity.ts'

/** What is signed is bound to where it belongs: moved elsewhere, it proves nothing. */
export interface SigningContext {
  /** What kind of thing it is, such as `slice`; each has one reader, and one meaning. */
  readonly what: string
  readonly idc: Idc
  /** Which of its kind. */
  readonly key: string
}

export interface Signed {
  /** DER. */
  readonly certificate: Uint8Array
  /** When it was signed, ms, as its signer says; part of what is signed. */
  readonly at: number
  readonly signature: Uint8Array
}

export interface Proven {
  readonly by: CertifiedIdentity
  readonly at: number
  readonly certificate: ShownCertificate
}

export interface ShownCertificate {
  /** Hex, as people compare it. */
  readonly serial: string
  /** SHA-256, hex. */
  readonly fingerprint: string
  readonly endsAt: number
  /** Base64: whom the CA says slices may be sealed to, under this certificate. */
  readonly sealKey?: string
}

export interface Signer {
  /** @param after signed at a later time than this, whatever the clock says: where an order must hold */
  sign(context: SigningContext, bytes: Uint8Array, after?: number): Promise<Signed>
}

export interface Verifier {
  /**
   * Throws NotProven unless it was signed by one of these kinds, in the IDC of the context (a hub is in all of them),
   * under a certificate of our CA that is good now.
   */
  verify(
    context: SigningContext,
    bytes: Uint8Array,
    signed: Signed | undefined,
    mayBe: readonly CertifiedKind[],
  ): Proven
}

export interface Signing extends Signer, Verifier {}

/** The message says why, for a log. */
export class NotProven extends Error {
  override readonly name = 'NotProven'
}
