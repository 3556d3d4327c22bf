// Where a database server is missing, what would run on it is skipped and says so.

import { beforeEach, inject } from 'vitest'
import { needs } from '../../scripts/needs.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly databaseKind: 'mariadb' | 'postgres'
  }
}

beforeEach((context) => {
  needs(context, inject('databaseKind') === 'mariadb' ? 'mariadbd' : 'postgres')
})
