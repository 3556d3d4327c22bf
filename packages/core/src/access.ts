// Who may do what: permissions of the roles, and the grants that let an operator run modules on hosts.

export const roles = ['admin', 'operator', 'viewer'] as const
export type Role = (typeof roles)[number]

export const permissions = [
  'host.read',
  'host.write',
  'group.write',
  'credential.read',
  'credential.write',
  'file.read',
  'file.write',
  'module.read',
  'module.write',
  'project.read',
  'project.write',
  'run.read',
  'run.launch',
  'run.steer', // abort, rerun: own runs, or any run whose module and hosts the grants cover
  'trust.write',
  'controller.read',
  'controller.write',
  'endpoint.read',
  'endpoint.write',
  'user.read',
  'user.write',
  'token.own',
  'activity.read',
  'settings.read',
  'settings.write',
] as const
export type Permission = (typeof permissions)[number]

const viewer: readonly Permission[] = [
  'host.read',
  'module.read',
  'project.read',
  'run.read',
  'controller.read',
  'token.own',
  'settings.read',
]
const operator: readonly Permission[] = [
  ...viewer,
  'credential.read',
  'file.read',
  'file.write',
  'group.write',
  'run.launch',
  'run.steer',
]

/** What a role may do before grants are looked at. `run.launch` of an operator needs a grant besides. */
export const rolePermissions: Readonly<Record<Role, readonly Permission[]>> = {
  admin: permissions,
  operator,
  viewer,
}

/** Lets whoever holds it run these modules on the hosts of this selector. */
export interface Grant {
  readonly id: string
  /** Names, or patterns with `*` (`service.*`, `*`). */
  readonly modules: readonly string[]
  /** Selector of labels only; `*` is every host. */
  readonly selector: string
}

export const moduleMatches = (pattern: string, name: string): boolean =>
  pattern === '*' ||
  pattern === name ||
  (pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -1)))
