// Makes a database and its user on a server of the tests, as the guide for operators says.

import mysql from 'mysql2/promise'
import pg from 'pg'
import type { DatabaseServer } from './database-server.ts'

const USER = 'omserver'
const PASSWORD = 'geheim-密码-1'

/** Resolves to the URL of that user. `also`: a statement that is carried out in it. */
export const makeDatabase = async (
  { kind, url }: DatabaseServer,
  name: string,
  also?: string,
): Promise<string> => {
  const own = new URL(`${url}/${name}`)
  own.username = USER
  own.password = encodeURIComponent(PASSWORD)
  if (kind === 'mariadb') {
    const connection = await mysql.createConnection(`${url}/mysql`)
    await connection.query(`create database ${name}`)
    await connection.query(`create user if not exists ${USER}@'%' identified by '${PASSWORD}'`)
    await connection.query(`grant all on ${name}.* to ${USER}@'%'`)
    if (also) {
      await connection.query(`use ${name}`)
      await connection.query(also)
    }
    await connection.end()
    return own.href
  }
  const client = new pg.Client(`${url}/postgres`)
  await client.connect()
  const { rows } = await client.query('select 1 from pg_roles where rolname = $1', [USER])
  if (rows.length === 0) await client.query(`create role ${USER} login password '${PASSWORD}'`)
  await client.query(`create database ${name} owner ${USER}`)
  await client.end()
  if (also) {
    const inside = new pg.Client(own.href)
    await inside.connect()
    await inside.query(also)
    await inside.end()
  }
  return own.href
}
