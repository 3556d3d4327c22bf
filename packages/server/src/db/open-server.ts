// Opens a database on MySQL, MariaDB or PostgreSQL: looks whether it is fit for us and ours alone.

import { Problem } from '@omserver/core'
import { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { ServerPlace } from './database-url.ts'
import { portableTypes } from './portable-types.ts'
import { serverDialect } from './server-driver.ts'
import { serverTrouble } from './server-trouble.ts'
import type { SqlClient, SqlServer } from './sql-client.ts'
import { sqlServerOf } from './sql-server-of.ts'
import type { WriteState } from './sqlite.ts'
import type { HeldConnection } from './standby-connection.ts'
import { Writer } from './writer.ts'

export interface OpenedDatabase {
  readonly kysely: Kysely<unknown>
  readonly state: WriteState
  /** See `Writer`. Absent where nobody else can write. */
  readonly writer?: Pick<Writer, 'takenOver' | 'stillHeld'>
}

/**
 * `held`: the connection that has the lock already; without, the lock is taken or DB_IN_USE thrown.
 * Throws Problem DB_UNREACHABLE, DB_DENIED, DB_IN_USE, DB_NOT_EMPTY, DB_TOO_OLD, DB_ENCODING, DB_PACKET.
 */
export const openServer = async (
  place: ServerPlace,
  log: Pick<Logger, 'info' | 'warn'>,
  held?: HeldConnection,
): Promise<OpenedDatabase> => {
  const server = held?.server ?? sqlServerOf(place)
  if (place.tls === 'off' && place.socket === undefined && !isHere(place.host)) {
    log.warn(
      { database: server.name },
      'the connection to the database is not encrypted: see sslmode',
    )
  }
  const writer = new Writer(server, log)
  const client = await writer.open(held)
  const kysely = new Kysely<unknown>({
    dialect: serverDialect(server, writer),
    plugins: [portableTypes(server.kind)],
  })
  try {
    for (const warning of await server.inspect(client.query)) {
      log.warn({ database: server.name }, warning)
    }
    await requireOwn(server, client)
    await writer.mark(client)
  } catch (error) {
    await writer.close()
    await kysely.destroy()
    throw serverTrouble(server, error)
  }
  return { kysely, state: writer.state, writer }
}

const isHere = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('127.')

/** Tables of others beside ours, or of the same name, are nobody's wish. */
const requireOwn = async (server: SqlServer, client: SqlClient): Promise<void> => {
  const schema = server.kind === 'mysql' ? 'database()' : 'current_schema()'
  const { rows } = await client.query(
    `select t.table_name as name from information_schema.tables t where t.table_schema = ${schema} order by 1`,
  )
  const names = rows.map((row) => nameOf(row))
  // Made before any other, and by nobody else.
  if (names.length === 0 || names.includes('last_commit')) return
  throw new Problem('DB_NOT_EMPTY', { database: server.name, table: names[0] ?? '' })
}

const nameOf = (row: unknown): string =>
  typeof row === 'object' && row !== null && 'name' in row ? String(row.name) : ''
