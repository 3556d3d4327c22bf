// Teams (用户组) and who belongs to them, as stored.

import {
  type Db,
  insertRows,
  type TeamMembersTable,
  type TeamsTable,
  upsertRows,
} from '../db/index.ts'

export const all = (db: Db): Promise<TeamsTable[]> =>
  db.selectFrom('teams').selectAll().orderBy('name').execute()

export const byId = (db: Db, id: string): Promise<TeamsTable | undefined> =>
  db.selectFrom('teams').selectAll().where('id', '=', id).executeTakeFirst()

export const add = (db: Db, row: TeamsTable): Promise<void> => insertRows(db, 'teams', [row])

export const rename = async (db: Db, id: string, name: string): Promise<void> => {
  await db.updateTable('teams').set({ name }).where('id', '=', id).execute()
}

export const remove = async (db: Db, id: string): Promise<void> => {
  await db.deleteFrom('grants').where('team_id', '=', id).execute()
  await db.deleteFrom('team_members').where('team_id', '=', id).execute()
  await db.deleteFrom('teams').where('id', '=', id).execute()
}

export const members = (db: Db): Promise<TeamMembersTable[]> =>
  db.selectFrom('team_members').selectAll().execute()

export const setMembers = async (
  db: Db,
  teamId: string,
  userIds: readonly string[],
): Promise<void> => {
  await db.deleteFrom('team_members').where('team_id', '=', teamId).execute()
  await addMembers(
    db,
    userIds.map((userId) => ({ team_id: teamId, user_id: userId })),
  )
}

export const setTeamsOf = async (
  db: Db,
  userId: string,
  teamIds: readonly string[],
): Promise<void> => {
  await db.deleteFrom('team_members').where('user_id', '=', userId).execute()
  await addMembers(
    db,
    teamIds.map((teamId) => ({ team_id: teamId, user_id: userId })),
  )
}

const addMembers = (db: Db, rows: readonly TeamMembersTable[]): Promise<void> =>
  upsertRows(db, 'team_members', ['team_id', 'user_id'], rows)
