// What a database server has against a statement, in our words.

import { Problem } from '@omserver/core'
import type { SqlServer } from './sql-client.ts'

/** A Problem with the error as its cause; the error itself where it is about the statement. */
export const serverTrouble = (server: SqlServer, error: unknown): unknown => {
  const trouble = server.troubleOf(error)
  if (trouble === undefined || error instanceof Problem) return error
  const { name } = server
  const reason = error instanceof Error ? error.message : String(error)
  const problem = problemOf[trouble](name, reason)
  problem.cause = error
  return problem
}

const problemOf = {
  lost: (database: string, reason: string) => new Problem('DB_UNREACHABLE', { database, reason }),
  denied: (database: string, reason: string) => new Problem('DB_DENIED', { database, reason }),
  busy: (database: string, reason: string) => new Problem('DB_BUSY', { database, reason }),
  full: (file: string) => new Problem('DISK_FULL', { file }),
  readOnly: (database: string, reason: string) => new Problem('DB_DENIED', { database, reason }),
}
