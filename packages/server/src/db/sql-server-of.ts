// The client library for a place.

import type { ServerPlace } from './database-url.ts'
import { mysqlServer } from './mysql-server.ts'
import { postgresServer } from './postgres-server.ts'
import type { SqlServer } from './sql-client.ts'

export const sqlServerOf = (place: ServerPlace): SqlServer =>
  place.kind === 'mysql' ? mysqlServer(place) : postgresServer(place)
