// The database that the tests of this project run on: SQLite, or one of its own for each data folder on a server.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import { type DatabasePlace, parseDatabaseUrl } from '../db/index.ts'
import { changeDatabases, databaseHolds } from './change-databases.ts'

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

/** Databases of this test file, by data folder. */
const used = new Map<string, string>()
/** Handed back: they have their tables already, which is most of what a new one costs. */
const free: string[] = []

/** undefined: a file in the folder. The same folder gets the same database, as it is, until it is handed back. */
export const databaseOf = async (folder: string): Promise<string | undefined> => {
  const server = serverUrl()
  if (server === undefined) return undefined
  const name = used.get(folder) ?? free.pop() ?? nameOf(folder)
  if (!used.has(folder)) await changeDatabases(server, { make: name })
  used.set(folder, name)
  return `${server}/${name}`
}

export const placeOf = async (folder: string): Promise<DatabasePlace | undefined> => {
  const url = await databaseOf(folder)
  return url === undefined ? undefined : parseDatabaseUrl(url)
}

/** Nobody uses it any more; a later test of the file gets it, emptied. */
export const handBackDatabaseOf = async (folder: string): Promise<void> => {
  const server = serverUrl()
  const name = used.get(folder)
  if (server === undefined || name === undefined) return
  used.delete(folder)
  await changeDatabases(server, { empty: name })
  free.push(name)
}

/** For tests that change its shape. */
export const dropDatabaseOf = async (folder: string): Promise<void> => {
  const server = serverUrl()
  const name = used.get(folder)
  if (server === undefined || name === undefined) return
  used.delete(folder)
  await changeDatabases(server, { drop: name })
}

/** Whether this text stands anywhere in what is stored. */
export const isStored = async (folder: string, text: string): Promise<boolean> => {
  const server = serverUrl()
  const name = used.get(folder)
  if (server !== undefined && name !== undefined) return databaseHolds(server, name, text)
  return ['omserver.db', 'omserver.db-wal'].some((file) =>
    readFileSync(join(folder, file)).includes(text),
  )
}

const serverUrl = (): string | undefined => inject('databaseServer')

const nameOf = (folder: string): string =>
  `om_${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`
