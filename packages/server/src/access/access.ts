// What an actor may do: the permissions of the role, and for running modules the grants besides.

import {
  type Grant,
  grantAllows,
  type Host,
  type Permission,
  Problem,
  type Role,
  rolePermissions,
} from '@omserver/core'
import type { Actor } from '../actor.ts'

export const can = (actor: Actor, permission: Permission): boolean =>
  actor.permissions.has(permission)

/** Throws Problem FORBIDDEN {permission}. */
export const requirePermission = (actor: Actor, permission: Permission): void => {
  if (!can(actor, permission)) throw new Problem('FORBIDDEN', { permission })
}

const NAMED = 20

/**
 * Throws Problem: FORBIDDEN without `run.launch`, GRANT_MISSING {module, hosts} where no grant covers the module
 * on every host. An administrator needs no grant.
 */
export const requireGrant = (
  actor: Actor,
  moduleName: string,
  hosts: readonly Host[],
  groups?: ReadonlyMap<string, string>,
): void => {
  requirePermission(actor, 'run.launch')
  if (actor.role === 'admin') return
  const answer = grantAllows(actor.grants, moduleName, hosts, groups)
  if (answer.allowed) return
  const names = answer.hosts.slice(0, NAMED).join(', ')
  const more = answer.hosts.length > NAMED ? ` … (${answer.hosts.length})` : ''
  throw new Problem('GRANT_MISSING', { module: moduleName, hosts: names + more })
}

export const permissionsOf = (role: Role): ReadonlySet<Permission> => new Set(rolePermissions[role])

/** The server itself: ends runs, removes what is too old. */
export const systemActor: Actor = {
  id: null,
  name: 'system',
  role: 'admin',
  permissions: permissionsOf('admin'),
  grants: [] satisfies readonly Grant[],
  via: 'system',
  from: 'local',
}
