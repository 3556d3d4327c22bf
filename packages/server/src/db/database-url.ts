// Where the database is: a file beside the data folder's other things, or a server that an URL names.

import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { Problem, Secret } from '@omserver/core'

export interface SqlitePlace {
  readonly kind: 'sqlite'
  readonly file: string
}

export interface ServerPlace {
  readonly kind: 'mysql' | 'postgres'
  readonly host: string
  readonly port: number
  /** Of a server on this machine: its socket (MySQL, MariaDB) or the folder of its socket (PostgreSQL). */
  readonly socket: string | undefined
  readonly user: string
  readonly password: Secret
  readonly database: string
  readonly tls: 'off' | 'unchecked' | 'checked'
  /** Certificates of authorities to believe beside those of the system, PEM. */
  readonly caFile: string | undefined
}

export type DatabasePlace = SqlitePlace | ServerPlace

const kinds: Readonly<Record<string, ServerPlace['kind']>> = {
  'mysql:': 'mysql',
  'mariadb:': 'mysql',
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
}
const ports = { mysql: 3306, postgres: 5432 } as const
const tlsModes: Readonly<Record<string, ServerPlace['tls']>> = {
  disable: 'off',
  require: 'unchecked',
  'verify-full': 'checked',
}
const known = new Set(['sslmode', 'sslrootcert', 'socket'])

/**
 * `mysql://`, `mariadb://`, `postgres://` or `postgresql://USER:PASSWORD@HOST[:PORT]/DATABASE`, with `sslmode`
 * (disable, require, verify-full), `sslrootcert=FILE` and `socket=PATH`; or `sqlite:PATH`.
 * Throws Problem('DATABASE_URL', {part}), which never repeats the URL: there may be a password in it.
 */
export const parseDatabaseUrl = (text: string): DatabasePlace => {
  if (text.startsWith('sqlite:')) return sqlitePlace(text.slice('sqlite:'.length))
  const url = URL.canParse(text) ? new URL(text) : undefined
  const kind = url && kinds[url.protocol]
  if (!url || !kind) return refuse('://')
  const unknown = [...url.searchParams.keys()].find((name) => !known.has(name))
  if (unknown !== undefined) return refuse(unknown)
  const socket = url.searchParams.get('socket') ?? undefined
  const mode = url.searchParams.get('sslmode') ?? 'disable'
  const tls = tlsModes[mode]
  if (tls === undefined) return refuse('sslmode')
  const database = decoded(url.pathname.slice(1), '/DATABASE')
  if (database === '') return refuse('/DATABASE')
  if (url.username === '') return refuse('USER')
  if (url.hostname === '' && socket === undefined) return refuse('HOST')
  const host = url.hostname.replace(/^\[|\]$/g, '') || 'localhost'
  // mysql2 compares the certificate with "localhost" then.
  if (kind === 'mysql' && tls === 'checked' && isIP(host) !== 0) return refuse('HOST')
  return {
    kind,
    host,
    port: url.port === '' ? ports[kind] : Number(url.port),
    socket,
    user: decoded(url.username, 'USER'),
    password: new Secret(decoded(url.password, 'PASSWORD')),
    database,
    tls,
    caFile: url.searchParams.get('sslrootcert') ?? undefined,
  }
}

/** For people: without the password. */
export const placeName = (place: DatabasePlace): string => {
  if (place.kind === 'sqlite') return place.file
  const { kind, host, port, socket, user, database } = place
  return `${kind}://${user}@${socket ?? `${host.includes(':') ? `[${host}]` : host}:${port}`}/${database}`
}

const sqlitePlace = (path: string): SqlitePlace => {
  const file = path.replace(/^\/\/(?=\/)/, '')
  if (file === '' || file.startsWith(':')) return refuse('sqlite:')
  return { kind: 'sqlite', file: resolve(file) }
}

const decoded = (text: string, part: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return refuse(part)
  }
}

const refuse = (part: string): never => {
  throw new Problem('DATABASE_URL', { part })
}
