// MySQL and MariaDB, through mysql2.

import { readFileSync } from 'node:fs'
import { Problem } from '@omserver/core'
import mysql, {
  type Connection,
  type ConnectionOptions,
  type ResultSetHeader,
} from 'mysql2/promise'
import { CONNECT_MS, READERS, SILENCE_S, STATEMENT_MS } from './connection-bounds.ts'
import { placeName, type ServerPlace } from './database-url.ts'
import { mysqlRows } from './mysql-rows.ts'
import type { Query, SqlClient, SqlServer, Trouble } from './sql-client.ts'
import { bareError, isNetworkError } from './sql-error.ts'

/** What large outputs need with room to spare; the default of every version but old ones of MySQL. */
const LEAST_PACKET = 16 * 1024 * 1024
const LEAST_MYSQL = [8, 0, 19]
const LEAST_MARIADB = [10, 5, 0]
const LOCK = "concat('omserver:', md5(database()))"

// Not the server's own: values are escaped with backslashes, which NO_BACKSLASH_ESCAPES would read as themselves,
// and without STRICT a text that does not fit would be cut in silence.
const session = (silenceS: number): string =>
  `set session sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', session wait_timeout = ${silenceS}`
/** Nobody minds how long one that only reads is silent. */
const READER_SILENCE_S = 2_147_483

const optionsOf = (place: ServerPlace): ConnectionOptions => ({
  ...(place.socket === undefined
    ? { host: place.host, port: place.port }
    : { socketPath: place.socket }),
  user: place.user,
  password: place.password.reveal(),
  database: place.database,
  connectTimeout: CONNECT_MS,
  // Tables and constants must compare by the same rules, or a join of both is an "illegal mix".
  charset: 'UTF8MB4_BIN',
  decimalNumbers: true,
  enableKeepAlive: true,
  keepAliveInitialDelay: 10_000,
  ...(place.tls === 'off'
    ? {}
    : {
        ssl: {
          rejectUnauthorized: place.tls === 'checked',
          verifyIdentity: place.tls === 'checked',
          ...(place.caFile === undefined ? {} : { ca: readFileSync(place.caFile) }),
        },
      }),
})

export const mysqlServer = (place: ServerPlace): SqlServer => {
  const name = placeName(place)
  return {
    name,
    kind: 'mysql',
    rows: mysqlRows,
    connect: (onLost) => connect(place, onLost),
    pool: () => {
      const pool = mysql.createPool({ ...optionsOf(place), connectionLimit: READERS })
      // Before anything that is asked of the connection, which answers in order.
      pool.pool.on('connection', (connection) => {
        connection.query(session(READER_SILENCE_S), () => {})
      })
      return { query: queryOf(pool), end: () => pool.end() }
    },
    troubleOf,
    inspect: (query) => inspect(name, query),
    lock: async ({ query }) => {
      const { rows } = await query(`select get_lock(${LOCK}, 0) as got`)
      return field(rows, 'got') === 1
    },
    holder,
    endHolder: async (client, session) => {
      if ((await holder(client)) === session) await client.query(`kill ${session}`)
    },
  }
}

const holder = async ({ query }: SqlClient): Promise<number | undefined> => {
  const { rows } = await query(`select is_used_lock(${LOCK}) as holder`)
  const session = field(rows, 'holder')
  return typeof session === 'number' ? session : undefined
}

const connect = async (place: ServerPlace, onLost: (error: Error) => void): Promise<SqlClient> => {
  const connection = await mysql.createConnection(optionsOf(place)).catch((error: unknown) => {
    throw bareError(error)
  })
  const query = queryOf(connection)
  let gone = false
  const lost = (error: Error) => {
    if (gone) return
    gone = true
    connection.destroy()
    onLost(error)
  }
  connection.on('error', lost)
  await query(session(SILENCE_S))
  return {
    query,
    session: connection.threadId,
    end: async () => {
      gone = true
      await connection.end().catch(() => connection.destroy())
    },
  }
}

const queryOf =
  (on: Pick<Connection, 'query'>): Query =>
  async (sql, parameters = []) => {
    try {
      const [answer] = await on.query({ sql, values: [...parameters], timeout: STATEMENT_MS })
      if (Array.isArray(answer)) return { rows: answer, affected: 0 }
      return { rows: [], affected: (answer as ResultSetHeader).affectedRows }
    } catch (error) {
      throw bareError(error)
    }
  }

const field = (rows: readonly unknown[], name: string): unknown => {
  const [row] = rows
  return typeof row === 'object' && row !== null ? Reflect.get(row, name) : undefined
}

const troubles: Readonly<Record<string, Trouble>> = {
  PROTOCOL_CONNECTION_LOST: 'lost',
  PROTOCOL_SEQUENCE_TIMEOUT: 'lost',
  ER_SERVER_SHUTDOWN: 'lost',
  ER_CON_COUNT_ERROR: 'lost',
  ER_NORMAL_SHUTDOWN: 'lost',
  ER_CONNECTION_KILLED: 'lost',
  ER_CLIENT_INTERACTION_TIMEOUT: 'lost',
  ER_DISK_FULL: 'full',
  ER_RECORD_FILE_FULL: 'full',
  ER_OPTION_PREVENTS_STATEMENT: 'readOnly',
  ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION: 'readOnly',
  ER_READ_ONLY_MODE: 'readOnly',
  ER_ACCESS_DENIED_ERROR: 'denied',
  ER_DBACCESS_DENIED_ERROR: 'denied',
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: 'denied',
  ER_BAD_DB_ERROR: 'denied',
  ER_TABLEACCESS_DENIED_ERROR: 'denied',
  ER_SPECIFIC_ACCESS_DENIED_ERROR: 'denied',
  ER_HOST_NOT_PRIVILEGED: 'denied',
  ER_HOST_IS_BLOCKED: 'denied',
  ER_LOCK_WAIT_TIMEOUT: 'busy',
  ER_LOCK_DEADLOCK: 'busy',
}

const troubleOf = (error: unknown): Trouble | undefined => {
  if (!(error instanceof Error)) return undefined
  const code = 'code' in error ? String(error.code) : ''
  if (Object.hasOwn(troubles, code)) return troubles[code]
  if (/errno: 28|Got error 28 |No space left/.test(error.message)) return 'full'
  if (isNetworkError(error) || /closed state|Pool is closed/.test(error.message)) return 'lost'
  return undefined
}

const inspect = async (name: string, query: Query): Promise<readonly string[]> => {
  const { rows } = await query(
    'select version() as version, @@max_allowed_packet as packet, @@innodb_flush_log_at_trx_commit as flush',
  )
  const version = String(field(rows, 'version'))
  const least = /mariadb/i.test(version) ? LEAST_MARIADB : LEAST_MYSQL
  if (isOlder(version, least)) {
    throw new Problem('DB_TOO_OLD', { database: name, version, least: least.join('.') })
  }
  const bytes = Number(field(rows, 'packet'))
  if (bytes < LEAST_PACKET) {
    throw new Problem('DB_PACKET', { database: name, bytes, least: LEAST_PACKET })
  }
  if (field(rows, 'flush') === 1) return []
  return [
    'innodb_flush_log_at_trx_commit is not 1: after a power cut the last commits are forgotten, and a command may run twice',
  ]
}

/** Replicas of MariaDB may prefix their version with 5.5.5-. */
const isOlder = (version: string, least: readonly number[]): boolean => {
  const parts = version
    .replace(/^5\.5\.5-/, '')
    .split(/[.-]/)
    .map(Number)
  const at = least.findIndex((part, n) => part !== parts[n])
  return at >= 0 && (parts[at] ?? 0) < (least[at] ?? 0)
}
