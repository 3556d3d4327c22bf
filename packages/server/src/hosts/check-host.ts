// Turns what a person says of a host into a host, or says what is wrong with it.

import {
  type DriverName,
  type Host,
  isAddress,
  isEncoding,
  isHostName,
  type Labels,
  Problem,
} from '@omserver/core'
import type { CredentialNames } from './credential-names.ts'
import type { Fleet } from './fleet.ts'
import type { StoredHost } from './table.ts'

/** Fields that are absent stay as they are; null empties them. Credential and jump host by name or id. */
export interface HostPatch {
  readonly name?: string
  readonly address?: string
  readonly outerAddress?: string | null
  readonly port?: number
  readonly driver?: DriverName
  readonly labels?: Labels
  readonly credential?: string | null
  readonly jumpHost?: string | null
  readonly encoding?: string | null
}

export interface NewHost extends HostPatch {
  readonly name: string
  readonly address: string
}

/**
 * Throws Problem: HOST_NAME_BAD, HOST_EXISTS, HOST_ADDRESS_BAD, LABEL_BAD, ENCODING_UNKNOWN, CREDENTIAL_UNKNOWN,
 * JUMP_UNKNOWN, JUMP_CYCLE.
 */
export const patchedHost = (
  fleet: Fleet,
  credentials: CredentialNames,
  host: StoredHost,
  patch: HostPatch,
): StoredHost => {
  const next: StoredHost = {
    ...host,
    name: patch.name ?? host.name,
    address: patch.address?.trim() ?? host.address,
    outerAddress: patched(patch.outerAddress, host.outerAddress),
    port: patch.port ?? host.port,
    driver: patch.driver ?? host.driver,
    labels: patch.labels ?? host.labels,
    encoding: patched(patch.encoding, host.encoding),
    credentialId:
      patch.credential === undefined
        ? host.credentialId
        : credentialIdOf(credentials, patch.credential),
    jumpHostId: patch.jumpHost === undefined ? host.jumpHostId : jumpIdOf(fleet, patch.jumpHost),
  }
  checkHost(next)
  const namesake = fleet.byName.get(next.name)
  if (namesake && namesake.id !== host.id) throw new Problem('HOST_EXISTS', { host: next.name })
  checkJumps((id) => (id === next.id ? next : fleet.byId.get(id)), next)
  return next
}

/** Empty text empties a field as null does: that is what a cleared form field sends. */
const patched = (to: string | null | undefined, from: string | undefined): string | undefined =>
  to === undefined ? from : to?.trim() || undefined

/** Throws Problem: HOST_NAME_BAD, HOST_ADDRESS_BAD, LABEL_BAD, ENCODING_UNKNOWN. */
const checkHost = (host: Host): void => {
  if (!isHostName(host.name)) throw new Problem('HOST_NAME_BAD', { name: host.name })
  for (const address of [host.address, host.outerAddress])
    if (address !== undefined && !isAddress(address))
      throw new Problem('HOST_ADDRESS_BAD', { address })
  for (const [label, value] of Object.entries(host.labels)) checkLabel(label, value)
  if (host.encoding !== undefined && !isEncoding(host.encoding))
    throw new Problem('ENCODING_UNKNOWN', { encoding: host.encoding })
}

const control = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** Throws Problem LABEL_BAD {label}. */
export const checkLabel = (label: string, value: string): void => {
  const good =
    label.length >= 1 &&
    label.length <= 64 &&
    label.trim() === label &&
    value.length <= 256 &&
    !control.test(label + value)
  if (!good) throw new Problem('LABEL_BAD', { label })
}

export const credentialIdOf = (
  credentials: CredentialNames,
  nameOrId: string | null,
): string | undefined => {
  if (nameOrId === null || nameOrId === '') return undefined
  const id = credentials.idOf(nameOrId)
  if (id === undefined) throw new Problem('CREDENTIAL_UNKNOWN', { credential: nameOrId })
  return id
}

const jumpIdOf = (fleet: Fleet, nameOrId: string | null): string | undefined => {
  if (nameOrId === null || nameOrId === '') return undefined
  const jump = fleet.byName.get(nameOrId) ?? fleet.byId.get(nameOrId)
  if (!jump) throw new Problem('JUMP_UNKNOWN', { host: nameOrId })
  return jump.id
}

/** Throws Problem JUMP_CYCLE {hosts}. */
export const checkJumps = (byId: (id: string) => Host | undefined, host: Host): void => {
  const way = [host.name]
  const seen = new Set([host.id])
  let next = host.jumpHostId
  while (next !== undefined) {
    const jump = byId(next)
    if (!jump) return
    way.push(jump.name)
    if (seen.has(jump.id)) throw new Problem('JUMP_CYCLE', { hosts: way.join(' → ') })
    seen.add(jump.id)
    next = jump.jumpHostId
  }
}
