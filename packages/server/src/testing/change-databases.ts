// Makes, empties, reads and drops databases on a server of the tests.

import mysql from 'mysql2/promise'
import pg from 'pg'

type Change = { readonly make: string } | { readonly empty: string } | { readonly drop: string }

interface Session extends AsyncDisposable {
  query(sql: string): Promise<readonly Record<string, unknown>[]>
}

const isMysql = (server: string): boolean => server.startsWith('mysql:')

const open = async (server: string, database?: string): Promise<Session> => {
  if (isMysql(server)) {
    const connection = await mysql.createConnection({
      uri: `${server}/${database ?? 'mysql'}`,
      multipleStatements: true,
    })
    return {
      query: async (sql) => {
        const [rows] = await connection.query(sql)
        return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []
      },
      [Symbol.asyncDispose]: () => connection.end(),
    }
  }
  const client = new pg.Client(`${server}/${database ?? 'postgres'}`)
  await client.connect()
  return {
    query: async (sql) => (await client.query<Record<string, unknown>>(sql)).rows,
    [Symbol.asyncDispose]: () => client.end(),
  }
}

const tablesOf = async (session: Session, server: string): Promise<readonly string[]> => {
  const schema = isMysql(server) ? 'database()' : 'current_schema()'
  const rows = await session.query(
    `select t.table_name as name from information_schema.tables t where t.table_schema = ${schema}`,
  )
  return rows.map(({ name }) => String(name))
}

const ofTheDatabase = new Set(['migrations', 'last_commit'])

/** `make` finds one that is there already as it is; `empty` keeps its tables. */
export const changeDatabases = async (server: string, change: Change): Promise<void> => {
  if ('empty' in change) {
    await using session = await open(server, change.empty)
    const tables = (await tablesOf(session, server)).filter((name) => !ofTheDatabase.has(name))
    if (tables.length > 0)
      await session.query(tables.map((name) => `delete from ${name}`).join(';'))
    return
  }
  await using session = await open(server)
  if ('drop' in change) {
    const force = isMysql(server) ? '' : ' with (force)'
    await session.query(`drop database if exists ${change.drop}${force}`)
  } else if (isMysql(server)) {
    // Not a binary collation: what the tables say must not depend on what the database says.
    await session.query(
      `create database if not exists ${change.make} character set utf8mb4 collate utf8mb4_general_ci`,
    )
  } else {
    const there = await session.query(`select 1 from pg_database where datname = '${change.make}'`)
    if (there.length === 0) await session.query(`create database ${change.make}`)
  }
}

/** Whether any row of any table holds the text. */
export const databaseHolds = async (
  server: string,
  database: string,
  text: string,
): Promise<boolean> => {
  await using session = await open(server, database)
  for (const name of await tablesOf(session, server)) {
    const values = (await session.query(`select * from ${name}`)).flatMap((row) =>
      Object.values(row),
    )
    if (values.some((value) => (Buffer.isBuffer(value) ? value : String(value)).includes(text))) {
      return true
    }
  }
  return false
}
