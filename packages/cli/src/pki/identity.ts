// Who may hold a certificate, and the one name by which nats-server knows its holder.

import { tokenOf } from './engine-access.ts'
import { refusal } from './refuse.ts'

export const identityKinds = ['server', 'nats', 'controller', 'client'] as const
export type IdentityKind = (typeof identityKinds)[number]

export interface Identity {
  readonly kind: IdentityKind
  readonly name: string
  /** Of a controller and of a client; of a nats-server, where it is the one of an IDC: a leaf node. */
  readonly idc?: string
  /** Grows when a revoked name is given again: the certificate that was revoked stays worthless. */
  readonly generation: number
}

/** Of all subjects and streams, as the engine has it. */
export const PREFIX = 'om'

const userOf = (...parts: readonly (string | number)[]): string =>
  `om://${PREFIX}/${parts.join('/')}`

/**
 * The URI in the certificate, and the name of the user in the configuration of nats-server. A server has one for the
 * account that all IDCs share, and one for each IDC. A leaf node is a user of the hub, in the account of its IDC.
 * Undefined: the hub itself is nobody's user.
 */
export const userNameOf = (
  { kind, name, idc, generation }: Identity,
  account: 'hub' | { readonly idc: string },
): string | undefined => {
  if (kind === 'nats') {
    return idc === undefined ? undefined : userOf('leaf', tokenOf(idc), name, generation)
  }
  if (kind !== 'server') return userOf(kind, tokenOf(idc ?? ''), name, generation)
  return account === 'hub'
    ? userOf('hub', name, generation)
    : userOf('server', tokenOf(account.idc), name, generation)
}

export const checkName = (name: string): string => {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name)) return name
  throw refusal(
    `名称只能用字母、数字、“.”、“_”和“-”，以字母或数字开头，最多 63 个字符：${name}`,
    `A name has letters, digits, ".", "_" and "-", begins with a letter or a digit, and is at most 63 long: ${name}`,
  )
}

export const checkIdc = (kind: IdentityKind, idc: string | undefined): string | undefined => {
  const needsIdc = kind === 'controller' || kind === 'client'
  if (needsIdc && !idc) {
    throw refusal('请用 --idc 给出机房。', 'Say which IDC it belongs to: --idc NAME.')
  }
  if (kind === 'server' && idc !== undefined) {
    throw refusal(
      '服务端访问所有机房：--idc 只用于 controller、client 和机房自己的 nats。',
      'A server reaches every IDC: --idc is for controllers, clients, and the nats of an IDC.',
    )
  }
  if (idc !== undefined && tokenOf(idc).length > 100) {
    throw refusal(`机房名称过长：${idc}`, `The name of the IDC is too long: ${idc}`)
  }
  return idc
}

export const kindOf = (text: string): IdentityKind => {
  const kind = identityKinds.find((known) => known === text)
  if (kind) return kind
  throw refusal(
    `类型应为 ${identityKinds.join('、')}：${text}`,
    `The kind is one of ${identityKinds.join(', ')}, not ${text}`,
  )
}
