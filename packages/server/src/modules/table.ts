// Modules made in the web page and their versions. The only SQL of the slice.

import type { CustomInput } from '@omserver/api'
import type { Db } from '../services.ts'

export interface CustomRow {
  readonly id: string
  readonly name: string
  readonly publishedVersion: number | null
  readonly draftVersion: number
  readonly updatedAt: number
}

export interface CustomVersionRow {
  readonly moduleId: string
  readonly version: number
  readonly content: CustomInput
  readonly note: string
  readonly savedAt: number
  readonly savedBy: string
}

// Written by this table only, from input that was parsed: the text needs no second check.
const parseContent = (text: string): CustomInput => JSON.parse(text) as CustomInput

const columns = [
  'id',
  'name',
  'published_version as publishedVersion',
  'draft_version as draftVersion',
  'updated_at as updatedAt',
] as const

export const listCustom = (db: Db): Promise<CustomRow[]> =>
  db.selectFrom('custom_modules').select(columns).orderBy('name').execute()

export const readCustom = (db: Db, id: string): Promise<CustomRow | undefined> =>
  db.selectFrom('custom_modules').select(columns).where('id', '=', id).executeTakeFirst()

export const listVersions = async (db: Db, moduleId: string): Promise<CustomVersionRow[]> => {
  const rows = await db
    .selectFrom('custom_module_versions')
    .selectAll()
    .where('module_id', '=', moduleId)
    .orderBy('version', 'desc')
    .execute()
  return rows.map((row) => ({
    moduleId: row.module_id,
    version: row.version,
    content: parseContent(row.content),
    note: row.note,
    savedAt: row.saved_at,
    savedBy: row.saved_by,
  }))
}

export const insertCustom = (db: Db, row: CustomRow, version: CustomVersionRow): Promise<void> =>
  db.transaction().execute(async (tx) => {
    await tx
      .insertInto('custom_modules')
      .values({
        id: row.id,
        name: row.name,
        published_version: row.publishedVersion,
        draft_version: row.draftVersion,
        updated_at: row.updatedAt,
      })
      .execute()
    await insertVersion(tx, version)
  })

/** False when somebody else has saved a version meanwhile: nothing is written then. */
export const insertNextVersion = (
  db: Db,
  basedOn: number,
  version: CustomVersionRow,
): Promise<boolean> =>
  db.transaction().execute(async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('custom_modules')
      .set({
        draft_version: version.version,
        name: version.content.name,
        updated_at: version.savedAt,
      })
      .where('id', '=', version.moduleId)
      .where('draft_version', '=', basedOn)
      .executeTakeFirst()
    if (numUpdatedRows === 0n) return false
    await insertVersion(tx, version)
    return true
  })

const insertVersion = async (db: Db, version: CustomVersionRow): Promise<void> => {
  await db
    .insertInto('custom_module_versions')
    .values({
      module_id: version.moduleId,
      version: version.version,
      content: JSON.stringify(version.content),
      note: version.note,
      saved_at: version.savedAt,
      saved_by: version.savedBy,
    })
    .execute()
}

export const setPublished = async (
  db: Db,
  id: string,
  version: number,
  now: number,
): Promise<void> => {
  await db
    .updateTable('custom_modules')
    .set({ published_version: version, updated_at: now })
    .where('id', '=', id)
    .execute()
}

export const deleteCustom = (db: Db, id: string): Promise<void> =>
  db.transaction().execute(async (tx) => {
    await tx.deleteFrom('custom_module_versions').where('module_id', '=', id).execute()
    await tx.deleteFrom('custom_modules').where('id', '=', id).execute()
  })
