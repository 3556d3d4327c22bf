// Starts a MariaDB for the tests of the server that run on it.

import type { TestProject } from 'vitest/node'
import { missingTools } from '../../scripts/needs.ts'
import { startDatabaseServer } from './database-server.ts'

export default async (project: TestProject): Promise<(() => Promise<void>) | undefined> => {
  if (missingTools(['mariadbd']).length > 0) return undefined
  const server = await startDatabaseServer('mariadb')
  project.provide('databaseServer', server.url)
  return () => server.stop()
}
