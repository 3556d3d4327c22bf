// Access: what an actor may do.

export { can, permissionsOf, requireGrant, requirePermission, systemActor } from './access.ts'
