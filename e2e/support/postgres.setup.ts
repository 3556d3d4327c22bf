// Starts a PostgreSQL for the tests of the server that run on it.

import type { TestProject } from 'vitest/node'
import { missingTools } from '../../scripts/needs.ts'
import { type DatabaseServer, startDatabaseServer } from './database-server.ts'

let server: DatabaseServer | undefined

export const setup = async (project: TestProject): Promise<void> => {
  if (missingTools(['postgres']).length > 0) return
  server = await startDatabaseServer('postgres')
  project.provide('databaseServer', server.url)
}

export const teardown = async (): Promise<void> => {
  await server?.stop()
}
