// The book of an IDC: what its controllers need to know to act alone, as the server has written it down.

import type { Grant, Role } from './access.ts'
import { rolePermissions } from './access.ts'
import {
  cutDirect,
  DIRECT_MAX_HOSTS,
  type DirectSettings,
  type DirectSubmission,
} from './direct-run.ts'
import type { Access, Host, HostKey, TargetHost } from './host.ts'
import { varsOf } from './host-vars.ts'
import { requireMayRun } from './may-run.ts'
import { Problem } from './problem.ts'
import { matchHosts, unknownNames } from './selector-match.ts'
import { parseSelector } from './selector-parse.ts'

/** A host as the server knows it, and its way in. */
export interface BookHost extends Host {
  readonly hostKey?: HostKey
  /** Outermost first. */
  readonly jumps?: readonly Access[]
}

/** Somebody who may begin runs in the IDC. */
export interface BookUser {
  /** The name in the certificate of the client. */
  readonly client: string
  /** That of the user, whose rights it has. */
  readonly name: string
  readonly role: Role
  readonly grants: readonly Grant[]
}

export interface IdcBook {
  readonly idc: string
  /** Grows with every edition. */
  readonly number: number
  /** It counts until then: the server's clock, ms. */
  readonly until: number
  readonly hosts: readonly BookHost[]
  /** Saved groups: name and selector. */
  readonly groups: readonly (readonly [string, string])[]
  readonly users: readonly BookUser[]
  readonly settings: DirectSettings
}

export const targetIn = (host: BookHost): TargetHost => ({
  hostId: host.id,
  name: host.name,
  access: {
    address: host.address,
    port: host.port,
    credentialId: host.credentialId,
    hostKey: host.hostKey,
  },
  jumps: host.jumps ?? [],
  encoding: host.encoding,
  vars: varsOf(host),
})

/** Throws Problem SELECTOR_SYNTAX …, GROUP_UNKNOWN, SELECTOR_UNKNOWN_NAMES, SELECTOR_EMPTY, DIRECT_TOO_MANY. */
export const selectIn = (book: IdcBook, selector: string): readonly BookHost[] => {
  const parsed = parseSelector(selector)
  const unknown = unknownNames(parsed, book.hosts)
  if (unknown.length > 0) throw new Problem('SELECTOR_UNKNOWN_NAMES', { names: [...unknown] })
  const hosts = matchHosts(parsed, book.hosts, new Map(book.groups))
  if (hosts.length === 0) throw new Problem('SELECTOR_EMPTY', { selector })
  if (hosts.length > DIRECT_MAX_HOSTS) {
    throw new Problem('DIRECT_TOO_MANY', { hosts: hosts.length, limit: DIRECT_MAX_HOSTS })
  }
  return hosts
}

/** The rule of the server, asked of the book. Throws Problem DIRECT_NOT_ALLOWED, GRANT_MISSING, FORBIDDEN. */
export const requireMayBegin = (
  book: IdcBook,
  client: string,
  module: string,
  hosts: readonly BookHost[],
): void => {
  const found = book.users.find((user) => user.client === client)
  if (!found) throw new Problem('DIRECT_NOT_ALLOWED', { client, idc: book.idc })
  const { role, grants } = found
  const who = { role, grants, permissions: new Set(rolePermissions[role]) }
  requireMayRun(who, module, hosts, new Map(book.groups))
}

/**
 * The hosts of a submission as the book has them, in its order. Throws Problem DIRECT_HOSTS_CHANGED {hosts},
 * DIRECT_TOO_NARROW {slices, concurrency}, and those of requireMayBegin.
 */
export const hostsToBegin = (book: IdcBook, submission: DirectSubmission): readonly BookHost[] => {
  const known = new Map(book.hosts.map((host) => [host.id, host]))
  const hosts = submission.hosts.flatMap(({ hostId, name, driver }) => {
    const host = known.get(hostId)
    return host && host.name === name && host.driver === driver ? [host] : []
  })
  if (hosts.length !== submission.hosts.length || new Set(hosts).size !== hosts.length) {
    const found = new Set(hosts.map(({ id }) => id))
    const changed = submission.hosts.filter(({ hostId }) => !found.has(hostId))
    throw new Problem('DIRECT_HOSTS_CHANGED', {
      hosts: changed
        .slice(0, 20)
        .map(({ name }) => name)
        .join(', '),
    })
  }
  const { concurrency } = submission.strategy
  const slices = cutDirect(submission).length
  if (concurrency < slices) throw new Problem('DIRECT_TOO_NARROW', { slices, concurrency })
  requireMayBegin(book, submission.client, submission.module, hosts)
  return hosts
}
