// The database that the tests of this project run on: SQLite, or one of its own for each data folder on a server.

import { createHash } from 'node:crypto'
import { inject } from 'vitest'
import { type DatabasePlace, parseDatabaseUrl } from '../db/index.ts'
import { changeDatabases } from './change-databases.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of a server on which the tests may make databases; the name of the database is left out. */
    readonly databaseServer: string
  }
}

/** What the tests run on. */
export const databaseKind = (): DatabasePlace['kind'] => {
  const server = serverUrl()
  return server === undefined ? 'sqlite' : parseDatabaseUrl(`${server}/x`).kind
}

/** undefined: a file in the folder. The same folder gets the same database, as it is, until it is dropped. */
export const databaseOf = async (folder: string): Promise<string | undefined> => {
  const server = serverUrl()
  if (server === undefined) return undefined
  const name = nameOf(folder)
  await changeDatabases(server, { make: name })
  return `${server}/${name}`
}

export const placeOf = async (folder: string): Promise<DatabasePlace | undefined> => {
  const url = await databaseOf(folder)
  return url === undefined ? undefined : parseDatabaseUrl(url)
}

export const dropDatabaseOf = async (folder: string): Promise<void> => {
  const server = serverUrl()
  if (server !== undefined) await changeDatabases(server, { drop: nameOf(folder) })
}

const serverUrl = (): string | undefined => inject('databaseServer')

const nameOf = (folder: string): string =>
  `om_${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`
