// Projects as stored.

import type { Db, ProjectsTable } from '../db/index.ts'

export type ProjectRow = ProjectsTable

export const readAll = (db: Db): Promise<ProjectRow[]> =>
  db.selectFrom('projects').selectAll().orderBy('name').execute()

export const readById = (db: Db, id: string): Promise<ProjectRow | undefined> =>
  db.selectFrom('projects').selectAll().where('id', '=', id).executeTakeFirst()

export const readByName = (db: Db, name: string): Promise<ProjectRow | undefined> =>
  db.selectFrom('projects').selectAll().where('name', '=', name).executeTakeFirst()

export const insert = async (db: Db, row: ProjectRow): Promise<void> => {
  await db.insertInto('projects').values(row).execute()
}

export const update = async (
  db: Db,
  id: string,
  patch: Partial<Omit<ProjectRow, 'id'>>,
): Promise<void> => {
  await db.updateTable('projects').set(patch).where('id', '=', id).execute()
}

export const remove = async (db: Db, id: string): Promise<void> => {
  await db.deleteFrom('projects').where('id', '=', id).execute()
}
