// Access: what an actor may do.

export { can, permissionsOf, requirePermission, systemActor } from './access.ts'
