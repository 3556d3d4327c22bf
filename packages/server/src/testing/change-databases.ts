// Makes and drops databases on a server of the tests.

import mysql from 'mysql2/promise'
import pg from 'pg'

/** `make` finds one that is there already as it is. */
export const changeDatabases = async (
  server: string,
  change: { readonly make: string } | { readonly drop: string },
): Promise<void> => {
  if (server.startsWith('mysql:')) return changeMysql(server, change)
  const client = new pg.Client(`${server}/postgres`)
  await client.connect()
  try {
    if ('drop' in change) {
      await client.query(`drop database if exists ${change.drop} with (force)`)
      return
    }
    const { rows } = await client.query('select 1 from pg_database where datname = $1', [
      change.make,
    ])
    if (rows.length === 0) await client.query(`create database ${change.make}`)
  } finally {
    await client.end()
  }
}

const changeMysql = async (
  server: string,
  change: { readonly make: string } | { readonly drop: string },
): Promise<void> => {
  const connection = await mysql.createConnection(`${server}/mysql`)
  try {
    await connection.query(
      'drop' in change
        ? `drop database if exists ${change.drop}`
        : // Not a binary collation: what the tables say must not depend on what the database says.
          `create database if not exists ${change.make} character set utf8mb4 collate utf8mb4_general_ci`,
    )
  } finally {
    await connection.end()
  }
}
