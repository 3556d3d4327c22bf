// Finds, before anything is served, that the key file is not the one the credentials were sealed with.

import { join } from 'node:path'
import { Problem } from '@omserver/core'
import type { Services } from '../services.ts'
import { sealContext } from './seal-context.ts'
import { readAll } from './table.ts'

/**
 * Throws Problem('KEY_FILE_BAD', {file}) when not one of the credentials opens: with a foreign key each run would
 * fail, and what is added now could not be opened once the right file is back. One that is damaged stops nobody.
 */
export const requireKey = async ({
  db,
  sealer,
  dataDir,
}: Pick<Services, 'db' | 'sealer' | 'dataDir'>): Promise<void> => {
  const rows = await readAll(db)
  if (rows.length === 0) return
  const opens = rows.some(({ id, sealed }) => {
    try {
      sealer.open(sealed, sealContext(id))
      return true
    } catch {
      return false
    }
  })
  if (!opens) throw new Problem('KEY_FILE_BAD', { file: join(dataDir, 'secret.key') })
}
