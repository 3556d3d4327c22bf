// Signing, loaded when somebody asks for it: where there are no certificates, nothing is signed.

import type { NatsOptions } from '../nats/nats-options.ts'
import type { Idc } from '../ports.ts'
import type { Signing } from './signing.ts'

export type { CertifiedIdentity, CertifiedKind } from './identity.ts'
export type {
  Proven,
  Signed,
  Signer,
  Signing,
  SigningContext,
  Verifier,
} from './signing.ts'

/** With what these options connect with; undefined: they have no certificates. See file-signing.ts. */
export const signingOf = async (
  { tls, accounts }: Pick<NatsOptions, 'tls' | 'accounts'>,
  clock: { readonly now: () => number; readonly monotonic: () => number },
): Promise<Signing | undefined> => {
  if (tls?.caFile === undefined || tls.certFile === undefined) return undefined
  const { openFileSigning } = await import('./file-signing.ts')
  const tlsOf = async (idc: Idc) => (accounts ? (await accounts.reach(idc)).tls : tls)
  return openFileSigning({ caFile: tls.caFile, tlsOf, ...clock })
}

/** See certified-seal-key.ts. */
export const certifiedSealKey = async (
  certificate: Uint8Array | string,
): Promise<string | undefined> =>
  (await import('./certified-seal-key.ts')).certifiedSealKey(certificate)
