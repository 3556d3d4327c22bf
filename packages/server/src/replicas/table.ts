// What servers on one database tell each other through it: beside the settings, which every version knows.

import { type Db, upsertRows } from '../db/index.ts'
import type { Driving } from './driving.ts'

export const saveKeyCheck = (db: Db, check: string): Promise<void> =>
  upsertRows(db, 'settings', ['name'], [{ name: 'keyCheck', value: check }])

export const keyCheckIn = async (db: Db): Promise<string | undefined> =>
  (
    await db
      .selectFrom('settings')
      .select('value')
      .where('name', '=', 'keyCheck')
      .executeTakeFirst()
  )?.value

export const saveDriving = (db: Db, driving: Driving): Promise<void> =>
  upsertRows(db, 'settings', ['name'], [{ name: 'driving', value: JSON.stringify(driving) }])

export const removeDriving = async (db: Db): Promise<void> => {
  await db.deleteFrom('settings').where('name', '=', 'driving').execute()
}
