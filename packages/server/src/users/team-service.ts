// Teams (用户组): grants given to several users at once.

import type { BodyIn, BodyOf, TeamView, userRoutes } from '@omserver/api'
import { Problem } from '@omserver/core'
import type { Actor } from '../actor.ts'
import type { Db } from '../db/index.ts'
import type { Services } from '../services.ts'
import { grantOf } from './account.ts'
import { newGrants } from './grant-input.ts'
import * as userTable from './table.ts'
import * as table from './team-table.ts'

export interface TeamService {
  list(): Promise<readonly TeamView[]>
  add(actor: Actor, input: BodyOf<(typeof userRoutes)['addTeam']>): Promise<TeamView>
  change(
    actor: Actor,
    id: string,
    patch: BodyIn<(typeof userRoutes)['changeTeam']>,
  ): Promise<TeamView>
  remove(actor: Actor, id: string): Promise<void>
}

type Needs = Pick<Services, 'db' | 'clock' | 'newId' | 'activity'> & {
  readonly moduleNames: () => Promise<readonly string[]>
}

export const teamService = ({ db, clock, newId, activity, moduleNames }: Needs): TeamService => {
  const views = async (): Promise<TeamView[]> => {
    const teams = await table.all(db)
    const grantsBy = Map.groupBy(await userTable.allGrants(db), (grant) => grant.team_id)
    const membersBy = Map.groupBy(await table.members(db), (member) => member.team_id)
    return teams.map((team) => ({
      id: team.id,
      name: team.name,
      grants: (grantsBy.get(team.id) ?? []).map(grantOf),
      memberIds: (membersBy.get(team.id) ?? []).map((member) => member.user_id),
    }))
  }
  const view = async (id: string): Promise<TeamView> => {
    const found = (await views()).find((team) => team.id === id)
    if (!found) throw new Problem('TEAM_UNKNOWN', { team: id })
    return found
  }

  return {
    list: views,
    add: async (actor, input) => {
      const grants = await newGrants(input.grants, { newId, moduleNames })
      const id = newId()
      await db.transaction().execute(async (trx) => {
        await requireFreeName(trx, input.name, undefined)
        await requireUsers(trx, input.memberIds)
        await table.add(trx, { id, name: input.name, created_at: clock.now() })
        await userTable.setGrants(trx, { teamId: id }, grants)
        await table.setMembers(trx, id, input.memberIds)
      })
      const after = await view(id)
      await activity.record(actor, { what: 'teams.add', subject: after.name, after })
      return after
    },
    change: async (actor, id, patch) => {
      const before = await view(id)
      const standing = before.grants
      const grants =
        patch.grants && (await newGrants(patch.grants, { newId, moduleNames, standing }))
      await db.transaction().execute(async (trx) => {
        if (patch.name !== undefined) {
          await requireFreeName(trx, patch.name, id)
          await table.rename(trx, id, patch.name)
        }
        if (grants) await userTable.setGrants(trx, { teamId: id }, grants)
        if (patch.memberIds) {
          await requireUsers(trx, patch.memberIds)
          await table.setMembers(trx, id, patch.memberIds)
        }
      })
      const after = await view(id)
      await activity.record(actor, { what: 'teams.change', subject: after.name, before, after })
      return after
    },
    remove: async (actor, id) => {
      const before = await view(id)
      await db.transaction().execute((trx) => table.remove(trx, id))
      await activity.record(actor, { what: 'teams.remove', subject: before.name, before })
    },
  }
}

const requireFreeName = async (db: Db, name: string, own: string | undefined): Promise<void> => {
  const teams = await table.all(db)
  if (teams.some((team) => team.name === name && team.id !== own)) {
    throw new Problem('TEAM_EXISTS', { team: name })
  }
}

const requireUsers = async (db: Db, ids: readonly string[]): Promise<void> => {
  for (const id of ids) {
    if (!(await userTable.byId(db, id))) throw new Problem('USER_UNKNOWN', { user: id })
  }
}
