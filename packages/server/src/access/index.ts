// Access: what an actor may do.

export { can, permissionsOf, requireGrant, systemActor } from './access.ts'
