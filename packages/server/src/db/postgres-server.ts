// PostgreSQL, through pg.

import { readFileSync } from 'node:fs'
import { Problem } from '@omserver/core'
import pg from 'pg'
import { CONNECT_MS, READERS, SILENCE_S, STATEMENT_MS } from './connection-bounds.ts'
import { placeName, type ServerPlace } from './database-url.ts'
import { postgresRows, storable } from './postgres-rows.ts'
import type { Query, SqlClient, SqlServer, Trouble } from './sql-client.ts'
import { bareError, isNetworkError } from './sql-error.ts'

const LEAST_VERSION = 120_000
/** Any two numbers that others are unlikely to use; the lock counts within one database. */
const LOCK = [1_869_446_514, 8_640] as const
const HELD = `pg_locks where locktype = 'advisory' and granted and classid = ${LOCK[0]} and objid = ${LOCK[1]}
  and database = (select oid from pg_database where datname = current_database())`
/** Of `idle_session_timeout`. */
const SILENCE_SINCE = 140_000

const INT8 = 20
const NUMERIC = 1700
const asNumber = (text: string): number => Number(text)
const numbers = {
  // Sums and counts come as numeric or int8, which pg hands on as text.
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 || oid === NUMERIC ? asNumber : pg.types.getTypeParser(oid, format as 'text'),
}

const optionsOf = (place: ServerPlace): pg.ClientConfig => ({
  host: place.socket ?? place.host,
  port: place.port,
  user: place.user,
  password: place.password.reveal(),
  database: place.database,
  application_name: 'omserver',
  connectionTimeoutMillis: CONNECT_MS,
  query_timeout: STATEMENT_MS,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  types: numbers as pg.ClientConfig['types'],
  ssl:
    place.tls === 'off'
      ? false
      : {
          rejectUnauthorized: place.tls === 'checked',
          ...(place.caFile === undefined ? {} : { ca: readFileSync(place.caFile, 'utf8') }),
        },
})

export const postgresServer = (place: ServerPlace): SqlServer => {
  const name = placeName(place)
  return {
    name,
    kind: 'postgres',
    rows: postgresRows,
    connect: (onLost) => connect(place, onLost),
    pool: () => {
      const pool = new pg.Pool({ ...optionsOf(place), max: READERS })
      // A connection that is lost while nobody uses it: the next query makes another.
      pool.on('error', () => {})
      return { query: queryOf(pool), end: () => pool.end() }
    },
    troubleOf,
    inspect: (query) => inspect(name, query),
    lock: async ({ query }) => {
      const { rows } = await query(`select pg_try_advisory_lock(${LOCK.join(', ')}) as got`)
      return field(rows, 'got') === true
    },
    holder: async ({ query }) => {
      const { rows } = await query(`select pid from ${HELD}`)
      const pid = field(rows, 'pid')
      return typeof pid === 'number' ? pid : undefined
    },
    endHolder: async ({ query }, session) => {
      await query(`select pg_terminate_backend(pid) from ${HELD} and pid = $1`, [session])
    },
  }
}

const connect = async (place: ServerPlace, onLost: (error: Error) => void): Promise<SqlClient> => {
  const client = new pg.Client(optionsOf(place))
  let gone = false
  const lost = (error: Error) => {
    if (gone) return
    gone = true
    client.end().catch(() => {})
    onLost(error)
  }
  let connected = false
  client.on('error', (error) => {
    if (connected) lost(error)
  })
  try {
    await client.connect()
  } catch (error) {
    throw bareError(error)
  }
  connected = true
  client.on('end', () => lost(new Error('the connection was closed')))
  const query = queryOf(client)
  // A started row that is forgotten in a power cut is a command that would run twice.
  await query('set synchronous_commit = on')
  const { rows } = await query(
    "select pg_backend_pid() as session, current_setting('server_version_num')::int as version",
  )
  for (const silence of silences(Number(field(rows, 'version')))) await query(silence)
  return {
    query,
    session: Number(field(rows, 'session')),
    end: async () => {
      gone = true
      await client.end().catch(() => {})
    },
  }
}

/** Before 14 only a machine that is gone is noticed, not a process that is frozen. */
const silences = (version: number): readonly string[] => [
  `set idle_in_transaction_session_timeout = '${SILENCE_S}s'`,
  ...(version >= SILENCE_SINCE
    ? [`set idle_session_timeout = '${SILENCE_S}s'`]
    : [
        `set tcp_keepalives_idle = ${SILENCE_S / 2}`,
        'set tcp_keepalives_interval = 2',
        'set tcp_keepalives_count = 3',
      ]),
]

const queryOf =
  (on: { query(sql: string, values: unknown[]): Promise<pg.QueryResult> }): Query =>
  async (sql, parameters = []) => {
    try {
      const { rows, rowCount } = await on.query(sql, parameters.map(parameterOf))
      return { rows, affected: rowCount ?? 0 }
    } catch (error) {
      throw bareError(error)
    }
  }

const parameterOf = (value: unknown): unknown => {
  if (typeof value === 'string') return storable(value)
  if (value instanceof Uint8Array && !Buffer.isBuffer(value)) return Buffer.from(value)
  return value
}

const field = (rows: readonly unknown[], name: string): unknown => {
  const [row] = rows
  return typeof row === 'object' && row !== null ? Reflect.get(row, name) : undefined
}

const troubles: Readonly<Record<string, Trouble>> = {
  '57P01': 'lost',
  '57P02': 'lost',
  '57P03': 'lost',
  '57P05': 'lost',
  '25P03': 'lost',
  '53300': 'lost',
  '53100': 'full',
  '25006': 'readOnly',
  '28P01': 'denied',
  '28000': 'denied',
  '3D000': 'denied',
  '42501': 'denied',
  '40001': 'busy',
  '40P01': 'busy',
  '55P03': 'busy',
}

const troubleOf = (error: unknown): Trouble | undefined => {
  if (!(error instanceof Error)) return undefined
  const code = 'code' in error ? String(error.code) : ''
  if (Object.hasOwn(troubles, code)) return troubles[code]
  if (code.startsWith('08') || isNetworkError(error)) return 'lost'
  return /terminated|connection|not queryable|timeout|after calling end/i.test(error.message) &&
    code === ''
    ? 'lost'
    : undefined
}

const inspect = async (name: string, query: Query): Promise<readonly string[]> => {
  const { rows } = await query(
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as version,
            current_setting('server_encoding') as encoding, current_setting('fsync') as fsync`,
  )
  if (Number(field(rows, 'number')) < LEAST_VERSION) {
    const version = String(field(rows, 'version'))
    throw new Problem('DB_TOO_OLD', { database: name, version, least: '12' })
  }
  const encoding = String(field(rows, 'encoding'))
  if (encoding !== 'UTF8') throw new Problem('DB_ENCODING', { database: name, encoding })
  if (field(rows, 'fsync') === 'on') return []
  return [
    'fsync is off: after a power cut the database may be damaged, and a command may run twice',
  ]
}
