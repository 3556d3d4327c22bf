// Whether somebody may run a module on hosts: the role, the grants, and what belongs to administrators alone.

import type { Grant, Permission, Role } from './access.ts'
import { grantAllows } from './grants.ts'
import type { SelectableHost } from './host.ts'
import { Problem } from './problem.ts'

export interface MayRun {
  readonly role: Role
  readonly permissions: ReadonlySet<Permission>
  /** Own grants and those of the person's teams. */
  readonly grants: readonly Grant[]
}

const NAMED = 20

/**
 * Throws Problem: FORBIDDEN without `run.launch`, GRANT_MISSING {module, hosts} where no grant covers the module
 * on every host. An administrator needs no grant.
 */
export const requireGrant = (
  who: MayRun,
  moduleName: string,
  hosts: readonly SelectableHost[],
  groups?: ReadonlyMap<string, string>,
): void => {
  const permission: Permission = 'run.launch'
  if (!who.permissions.has(permission)) throw new Problem('FORBIDDEN', { permission })
  if (who.role === 'admin') return
  const answer = grantAllows(who.grants, moduleName, hosts, groups)
  if (answer.allowed) return
  const names = answer.hosts.slice(0, NAMED).join(', ')
  const more = answer.hosts.length > NAMED ? ` … (${answer.hosts.length})` : ''
  throw new Problem('GRANT_MISSING', { module: moduleName, hosts: names + more })
}

/** Throws Problem GRANT_MISSING, FORBIDDEN, LOCAL_ADMIN_ONLY. */
export const requireMayRun = (
  who: MayRun,
  moduleName: string,
  hosts: readonly SelectableHost[],
  groups?: ReadonlyMap<string, string>,
): void => {
  requireGrant(who, moduleName, hosts, groups)
  const local = who.role === 'admin' ? undefined : hosts.find(({ driver }) => driver === 'local')
  if (local) throw new Problem('LOCAL_ADMIN_ONLY', { host: local.name })
}
