// Whether the database holds anything that only its key file can open.

import type { Db } from './open-db.ts'

export const holdsSealedData = async (db: Db): Promise<boolean> => {
  const credential = await db.selectFrom('credentials').select('id').limit(1).executeTakeFirst()
  if (credential) return true
  const endpoint = await db.selectFrom('driver_endpoints').select('id').limit(1).executeTakeFirst()
  if (endpoint) return true
  const secret = await db.selectFrom('run_secrets').select('run_id').limit(1).executeTakeFirst()
  return secret !== undefined
}
