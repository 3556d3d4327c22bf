// Of a server that has the database for itself (`om up`): others that stand by find nobody to hand on to, and know
// which key file they need.

import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Db } from '../db/index.ts'
import { openKeyFile } from '../sealer.ts'
import { keyCheckOf } from './key-check.ts'
import { removeDriving, saveKeyCheck } from './table.ts'

export const workAlone = async (db: Db, dataDir: string): Promise<void> => {
  const file = join(dataDir, 'secret.key')
  await saveKeyCheck(db, keyCheckOf(openKeyFile(file, true), { server: hostname(), file }))
  await removeDriving(db)
}
