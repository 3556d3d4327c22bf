// Removes a run with everything of it, in pieces.

import type { Db } from '../db/index.ts'
import { removeFetched } from './fetched-table.ts'
import { nextTurn } from './next-turn.ts'
import { removeOutputs } from './outputs-table.ts'
import { removeHosts } from './results-table.ts'
import { removeSteps } from './steps-table.ts'
import { removeRunRow } from './table.ts'

/** A chunk is 64 KiB at most. */
const CHUNKS_A_PIECE = 256
const HOSTS_A_PIECE = 1_000
const STEPS_A_PIECE = 2_000

/** The row of the run goes last: what was cut off half-way is found again and removed. */
export const removeRun = async (db: Db, runId: string): Promise<void> => {
  while ((await removeOutputs(db, runId, CHUNKS_A_PIECE)) > 0) await nextTurn()
  while (await removeFetched(db, runId)) await nextTurn()
  while ((await removeSteps(db, runId, STEPS_A_PIECE)) > 0) await nextTurn()
  while ((await removeHosts(db, runId, HOSTS_A_PIECE)) > 0) await nextTurn()
  await removeRunRow(db, runId)
}
