// A database server as Kysely wants it: what only reads goes through a pool, everything else through the writer.

import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'
import { serverTrouble } from './server-trouble.ts'
import type { ManyRows, SqlAnswer, SqlClient, SqlPool, SqlServer, Statement } from './sql-client.ts'
import type { Writer } from './writer.ts'

/** A connection only in name: a transaction holds the writer, single statements find their own way. */
export class Lane implements DatabaseConnection {
  readonly rows: ManyRows
  readonly #server: SqlServer
  readonly #writer: Writer
  readonly #pool: SqlPool
  #held: SqlClient | undefined

  constructor(server: SqlServer, writer: Writer, pool: SqlPool) {
    this.rows = server.rows
    this.#server = server
    this.#writer = writer
    this.#pool = pool
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { sql, parameters } = query
    const { rows, affected } = await this.#carryOut({ sql, parameters }, query.query.kind)
    return { rows: rows as R[], numAffectedRows: BigInt(affected) }
  }

  /** A statement of the wall itself, in the transaction. */
  run(statement: Statement): Promise<SqlAnswer> {
    return this.#carryOut(statement, 'RawNode')
  }

  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    yield* []
    throw new Error('results are read in pages, not as streams')
  }

  async begin(): Promise<void> {
    const client = await this.#writer.acquire()
    try {
      await this.#writer.run(client, { sql: 'begin', parameters: [] })
      this.#held = client
    } catch (error) {
      this.#writer.release()
      throw error
    }
  }

  async commit(): Promise<void> {
    if (this.#held) await this.#writer.commit(this.#held)
    this.free()
  }

  async rollback(): Promise<void> {
    if (this.#held) await this.#writer.rollback(this.#held)
    this.free()
  }

  free(): void {
    if (!this.#held) return
    this.#held = undefined
    this.#writer.release()
  }

  async #carryOut(statement: Statement, kind: string): Promise<SqlAnswer> {
    if (this.#held) return this.#tolerant(this.#held, statement, kind)
    if (kind === 'SelectQueryNode') {
      try {
        return await this.#pool.query(statement.sql, statement.parameters)
      } catch (error) {
        throw serverTrouble(this.#server, error)
      }
    }
    const client = await this.#writer.acquire()
    try {
      const answer = await this.#tolerant(client, statement, kind)
      this.#writer.wrote()
      return answer
    } finally {
      this.#writer.release()
    }
  }

  async #tolerant(client: SqlClient, statement: Statement, kind: string): Promise<SqlAnswer> {
    try {
      return await this.#writer.run(client, statement)
    } catch (error) {
      if (shapes.has(kind) && isThereAlready(error)) return { rows: [], affected: 0 }
      throw error
    }
  }
}

const shapes = new Set(['CreateTableNode', 'CreateIndexNode', 'AlterTableNode'])
const thereAlready = new Set(['ER_TABLE_EXISTS_ERROR', 'ER_DUP_FIELDNAME', 'ER_DUP_KEYNAME'])

/** MySQL commits each change of a table by itself: a migration that was cut off meets what it has made already. */
const isThereAlready = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && thereAlready.has(String(error.code))

const laneOf = (connection: DatabaseConnection): Lane => {
  if (connection instanceof Lane) return connection
  throw new Error('a connection of another database')
}

const driver = (server: SqlServer, writer: Writer): Driver => {
  const pool = server.pool()
  return {
    init: async () => {},
    acquireConnection: async () => new Lane(server, writer, pool),
    beginTransaction: (connection) => laneOf(connection).begin(),
    commitTransaction: (connection) => laneOf(connection).commit(),
    rollbackTransaction: (connection) => laneOf(connection).rollback(),
    releaseConnection: async (connection) => laneOf(connection).free(),
    destroy: async () => {
      await writer.close()
      await pool.end().catch(() => {})
    },
  }
}

export const serverDialect = (server: SqlServer, writer: Writer): Dialect => {
  const isMysql = server.kind === 'mysql'
  return {
    createDriver: () => driver(server, writer),
    createAdapter: () => (isMysql ? new MysqlAdapter() : new PostgresAdapter()),
    createQueryCompiler: () => (isMysql ? new MysqlQueryCompiler() : new PostgresQueryCompiler()),
    createIntrospector: (db: Kysely<unknown>) =>
      isMysql ? new MysqlIntrospector(db) : new PostgresIntrospector(db),
  }
}
