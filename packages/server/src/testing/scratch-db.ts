// A real, migrated database in a folder of its own, for tests below the http server.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Db, openDb } from '../db/index.ts'
import { handBackDatabaseOf, placeOf } from './test-database.ts'

export interface ScratchDb extends AsyncDisposable {
  readonly db: Db
  readonly folder: string
  close(): Promise<void>
}

export const openScratchDb = async (): Promise<ScratchDb> => {
  const folder = mkdtempSync(join(tmpdir(), 'om-scratch-'))
  const db = await openDb({
    folder,
    place: await placeOf(folder),
    log: { info: () => {}, warn: () => {} },
  })
  const close = async () => {
    await db.destroy()
    await handBackDatabaseOf(folder)
    rmSync(folder, { recursive: true, force: true })
  }
  return { db, folder, close, [Symbol.asyncDispose]: close }
}
