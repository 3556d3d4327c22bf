// What the server asks of a connection to MySQL, MariaDB or PostgreSQL: the wall to their client libraries.

export interface SqlAnswer {
  readonly rows: readonly unknown[]
  /** Rows that were inserted, deleted or matched by an update. */
  readonly affected: number
}

export type Query = (sql: string, parameters?: readonly unknown[]) => Promise<SqlAnswer>

/** One connection. A query on one that is lost rejects. */
export interface SqlClient {
  readonly query: Query
  /** Number of the session in the database server. */
  readonly session: number
  /** Says goodbye; resolves however it goes. */
  end(): Promise<void>
}

/** Connections for what only reads, made when needed. */
export interface SqlPool {
  readonly query: Query
  end(): Promise<void>
}

/** `lost`: the connection is gone, or none can be made; nothing else is known of the statement. */
export type Trouble = 'lost' | 'full' | 'readOnly' | 'denied' | 'busy'

export interface SqlServer {
  /** For people: without the password. */
  readonly name: string
  readonly kind: 'mysql' | 'postgres'
  /** `onLost` is called once, when the connection has gone without `end`. */
  connect(onLost: (error: Error) => void): Promise<SqlClient>
  pool(): SqlPool
  troubleOf(error: unknown): Trouble | undefined
  /** Throws Problem DB_TOO_OLD, DB_ENCODING, DB_PACKET; resolves to what is worth a warning. */
  inspect(query: Query): Promise<readonly string[]>
  /** One OMServer writes to a database: held by the session, so it goes with it. False: another session holds it. */
  lock(client: SqlClient): Promise<boolean>
  /** Number of the session that holds the lock. */
  holder(client: SqlClient): Promise<number | undefined>
  /** Ends this session if it still holds the lock: the server may not have noticed yet that its client is gone. */
  endHolder(client: SqlClient, session: number): Promise<void>
  /** Statements for many rows, each with its parameters. */
  readonly rows: ManyRows
}

export interface Statement {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

export type Row = Readonly<Record<string, unknown>>

export interface ManyRows {
  insert(table: string, rows: readonly Row[]): Iterable<Statement>
  /** Rows with one key stand in `rows` once. */
  upsert(
    table: string,
    keys: readonly string[],
    rows: readonly Row[],
    // MySQL has to look which rows exist.
    run: (statement: Statement) => Promise<SqlAnswer>,
  ): Promise<void>
  update(table: string, keys: readonly string[], rows: readonly Row[]): Iterable<Statement>
}
