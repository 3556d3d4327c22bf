// What an actor may do: the permissions of the role, and for running modules the grants besides.

import { type Grant, type Permission, Problem, type Role, rolePermissions } from '@omserver/core'
import type { Actor } from '../actor.ts'

export const can = (actor: Actor, permission: Permission): boolean =>
  actor.permissions.has(permission)

/** Throws Problem FORBIDDEN {permission}. */
export const requirePermission = (actor: Actor, permission: Permission): void => {
  if (!can(actor, permission)) throw new Problem('FORBIDDEN', { permission })
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
