// Reads the tables of a server past the server: what is stored, not what it says of it.

import { DatabaseSync } from 'node:sqlite'
import mysql from 'mysql2/promise'
import pg from 'pg'

type Row = Readonly<Record<string, string | number | null>>
export type Query = (statement: string) => Promise<readonly Row[]>

/** Whole numbers come as numbers or as texts, by database. @param place a URL, or the file of SQLite */
export const rowsIn = (place: string): Query => {
  if (place.startsWith('mysql:')) {
    return async (statement) => {
      const connection = await mysql.createConnection({ uri: place, connectTimeout: 3_000 })
      try {
        const [rows] = await connection.query<mysql.RowDataPacket[]>(statement)
        return rows as readonly Row[]
      } finally {
        connection.destroy()
      }
    }
  }
  if (place.startsWith('postgres:')) {
    return async (statement) => {
      const client = new pg.Client({ connectionString: place, connectionTimeoutMillis: 3_000 })
      // One that is killed while we are connected says so here, too.
      client.on('error', () => undefined)
      await client.connect()
      try {
        return (await client.query<Row>(statement)).rows
      } finally {
        await client.end().catch(() => undefined)
      }
    }
  }
  return async (statement) => {
    const database = new DatabaseSync(place, { readOnly: true, timeout: 5_000 })
    try {
      return database.prepare(statement).all() as readonly Row[]
    } finally {
      database.close()
    }
  }
}
