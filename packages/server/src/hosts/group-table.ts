// Saved groups as stored.

import type { Db, GroupsTable } from '../db/index.ts'

export type StoredGroup = GroupsTable

export const readGroups = (db: Db): Promise<StoredGroup[]> =>
  db.selectFrom('host_groups').selectAll().orderBy('name').execute()

export const insertGroup = async (trx: Db, group: StoredGroup): Promise<void> => {
  await trx.insertInto('host_groups').values(group).execute()
}

export const updateGroup = async (trx: Db, { id, ...group }: StoredGroup): Promise<void> => {
  await trx.updateTable('host_groups').set(group).where('id', '=', id).execute()
}

export const removeGroup = async (trx: Db, id: string): Promise<void> => {
  await trx.deleteFrom('host_groups').where('id', '=', id).execute()
}
