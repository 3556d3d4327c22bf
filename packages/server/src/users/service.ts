// Users, their roles and grants. There is always somebody left who may administer.

import type { BodyIn, BodyOf, UserView, userRoutes } from '@omserver/api'
import { Problem, type Role } from '@omserver/core'
import type { Actor } from '../actor.ts'
import type { Db } from '../db/index.ts'
import type { Services } from '../services.ts'
import { grantOf } from './account.ts'
import { newGrants } from './grant-input.ts'
import { hashPassword, requireStrong } from './password.ts'
import * as table from './table.ts'
import * as teamTable from './team-table.ts'

type NewUser = BodyOf<(typeof userRoutes)['add']>
type UserPatch = BodyIn<(typeof userRoutes)['change']>

export interface UserService {
  list(): Promise<readonly UserView[]>
  add(actor: Actor, input: NewUser): Promise<UserView>
  change(actor: Actor, id: string, patch: UserPatch): Promise<UserView>
  remove(actor: Actor, id: string): Promise<void>
}

type Needs = Pick<Services, 'db' | 'clock' | 'newId' | 'activity'> & {
  readonly moduleNames: () => Promise<readonly string[]>
}

export const userService = ({ db, clock, newId, activity, moduleNames }: Needs): UserService => {
  const views = async (): Promise<UserView[]> => {
    const [users, grants, members] = [
      await table.all(db),
      await table.allGrants(db),
      await teamTable.members(db),
    ]
    const grantsBy = Map.groupBy(grants, (grant) => grant.user_id)
    const teamsBy = Map.groupBy(members, (member) => member.user_id)
    return users.map((user) => ({
      id: user.id,
      name: user.name,
      displayName: user.display_name,
      role: user.role as Role,
      disabled: user.disabled === 1,
      mustChangePassword: user.must_change_password !== table.passwordKinds.own,
      teamIds: (teamsBy.get(user.id) ?? []).map((member) => member.team_id),
      grants: (grantsBy.get(user.id) ?? []).map(grantOf),
      createdAt: user.created_at,
      lastLoginAt: user.last_login_at,
    }))
  }
  const view = async (id: string): Promise<UserView> => {
    const found = (await views()).find((user) => user.id === id)
    if (!found) throw new Problem('USER_UNKNOWN', { user: id })
    return found
  }

  return {
    list: views,
    add: async (actor, input) => {
      requireStrong(input.password, input.name)
      const grants = await newGrants(input.grants, { newId, moduleNames })
      const password_hash = await hashPassword(input.password)
      const id = newId()
      await db.transaction().execute(async (trx) => {
        await requireFreeName(trx, input.name)
        await requireTeams(trx, input.teamIds)
        await table.add(trx, {
          id,
          name: input.name,
          display_name: input.displayName,
          role: input.role,
          password_hash,
          must_change_password: table.passwordKinds.given,
          password_set_at: clock.now(),
          disabled: 0,
          created_at: clock.now(),
          last_login_at: null,
        })
        await table.setGrants(trx, { userId: id }, grants)
        await teamTable.setTeamsOf(trx, id, input.teamIds)
      })
      const after = await view(id)
      await activity.record(actor, { what: 'users.add', subject: after.name, after })
      return after
    },
    change: async (actor, id, patch) => {
      const before = await view(id)
      if (patch.password !== undefined) requireStrong(patch.password, before.name)
      const standing = before.grants
      const grants =
        patch.grants && (await newGrants(patch.grants, { newId, moduleNames, standing }))
      const password_hash = patch.password && (await hashPassword(patch.password))
      await db.transaction().execute(async (trx) => {
        if (patch.teamIds) await requireTeams(trx, patch.teamIds)
        const losesAdmin =
          (patch.role !== undefined && patch.role !== 'admin') || patch.disabled === true
        if (losesAdmin) await requireOtherAdmin(trx, before)
        await table.change(trx, id, {
          ...(patch.displayName === undefined ? {} : { display_name: patch.displayName }),
          ...(patch.role === undefined ? {} : { role: patch.role }),
          ...(patch.disabled === undefined ? {} : { disabled: patch.disabled ? 1 : 0 }),
          // What somebody else has set, somebody else knows. Their own they may set here as well.
          ...(password_hash
            ? {
                password_hash,
                must_change_password: table.passwordKinds[actor.id === id ? 'own' : 'given'],
                password_set_at: clock.now(),
              }
            : {}),
        })
        if (grants) await table.setGrants(trx, { userId: id }, grants)
        if (patch.teamIds) await teamTable.setTeamsOf(trx, id, patch.teamIds)
        if (patch.disabled || password_hash) {
          await table.endAccess(trx, id, { tokensSince: patch.disabled ? 0 : undefined })
        }
      })
      const after = await view(id)
      await activity.record(actor, {
        what: 'users.change',
        subject: after.name,
        before,
        after: password_hash ? { ...after, password: 'changed' } : after,
      })
      return after
    },
    remove: async (actor, id) => {
      const before = await view(id)
      await db.transaction().execute(async (trx) => {
        await requireOtherAdmin(trx, before)
        await table.remove(trx, id)
      })
      await activity.record(actor, { what: 'users.remove', subject: before.name, before })
    },
  }
}

/** Names that read alike are one name: `Admin` must not stand beside `admin`. */
const requireFreeName = async (db: Db, name: string): Promise<void> => {
  const folded = (text: string) => text.normalize('NFKC').toLowerCase()
  const users = await table.all(db)
  if (users.some((user) => folded(user.name) === folded(name))) {
    throw new Problem('USER_EXISTS', { user: name })
  }
}

const requireTeams = async (db: Db, ids: readonly string[]): Promise<void> => {
  for (const id of ids) {
    if (!(await teamTable.byId(db, id))) throw new Problem('TEAM_UNKNOWN', { team: id })
  }
}

const requireOtherAdmin = async (db: Db, user: UserView): Promise<void> => {
  if (user.role !== 'admin' || user.disabled) return
  if ((await table.otherActiveAdmins(db, user.id)) === 0) {
    throw new Problem('LAST_ADMIN', { user: user.name })
  }
}
