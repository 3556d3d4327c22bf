// Who acts in a request: a person by session or token, or the server itself.

import type { Grant, Permission, Role } from '@omserver/core'

export interface Actor {
  readonly id: string | null
  readonly name: string
  readonly role: Role
  readonly permissions: ReadonlySet<Permission>
  /** Own grants and those of the actor's teams. */
  readonly grants: readonly Grant[]
  /** `session`, `token:<name>` or `system`. */
  readonly via: string
  /** Client address; `local` for the system. */
  readonly from: string
}
