// Who a certificate says its holder is: the one URI that `om pki` writes into it.

import { fromToken } from '../nats/names.ts'
import type { Idc } from '../ports.ts'

/** hub: a server, in the account that all IDCs share. */
const certifiedKinds = ['server', 'hub', 'controller', 'client'] as const
export type CertifiedKind = (typeof certifiedKinds)[number]

export interface CertifiedIdentity {
  readonly kind: CertifiedKind
  readonly name: string
  /** Absent: of the hub. */
  readonly idc?: Idc
  /** Grows when a name that was revoked is given again. */
  readonly generation: number
}

const URI =
  /^URI:om:\/\/om\/(?:(hub)|(server|controller|client)\/([A-Za-z0-9_-]+))\/([^/]+)\/([1-9]\d*)$/

/**
 * @param subjectAltName as Node writes it. undefined: nobody of ours.
 */
export const identityIn = (subjectAltName: string | undefined): CertifiedIdentity | undefined => {
  // Node quotes what could be taken for several names; nothing of ours needs quoting.
  if (subjectAltName === undefined || subjectAltName.includes('"')) return undefined
  const [uri, ...others] = subjectAltName.split(', ').filter((name) => name.startsWith('URI:'))
  if (uri === undefined || others.length > 0) return undefined
  const [, hub, kindText, idc, name = '', generation] = URI.exec(uri) ?? []
  const kind = certifiedKinds.find((known) => known === (hub ?? kindText))
  if (kind === undefined) return undefined
  const who = { kind, name, generation: Number(generation) }
  return idc === undefined ? who : { ...who, idc: fromToken(idc) }
}
