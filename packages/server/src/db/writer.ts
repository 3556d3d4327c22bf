// The one connection that writes: transactions stand in line as they do before SQLite, it comes back by itself when it
// is lost, and of every commit it finds out whether it happened.

import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Problem } from '@omserver/core'
import type { Logger } from 'pino'
import { HEARTBEAT_MS, SILENCE_S } from './connection-bounds.ts'
import { serverTrouble } from './server-trouble.ts'
import type { SqlAnswer, SqlClient, SqlServer, Statement } from './sql-client.ts'
import type { WriteState } from './sqlite.ts'
import type { HeldConnection } from './standby-connection.ts'

interface Waiting {
  readonly resolve: (client: SqlClient) => void
  readonly reject: (reason: unknown) => void
}

/** A commit whose answer was lost. */
interface Doubt {
  readonly mark: string
  readonly resolve: (isCommitted: boolean) => void
  readonly reject: (reason: unknown) => void
}

/** A database that restarts is back before callers are told; one that does not come back keeps nobody waiting. */
const PATIENCE_MS = 3_000
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 2_000
/** The session of a server that was killed a moment ago still holds the lock. */
const LOCK_TRIES = 40
const LOCK_PAUSE_MS = 250

export class Writer {
  readonly state: WriteState = { trouble: undefined }
  /** Resolves with the reason when another writes, or may have written: what this process remembers is not what is stored. */
  readonly takenOver: Promise<Problem>
  readonly #server: SqlServer
  readonly #log: Pick<Logger, 'info' | 'warn'>
  readonly #closing = new AbortController()
  readonly #life = randomUUID()
  #client: SqlClient | undefined
  #isBusy = false
  #isImpatient = false
  #waiting: Waiting[] = []
  /** As stored by the last commit; undefined until `mark` has been called. */
  #mark: string | undefined
  #marks = 0
  #doubt: Doubt | undefined
  /** There are others who want the lock: who has lost it leaves it to them. */
  #stepsDown = false
  #giveUp: (reason: Problem) => void
  #heartbeat: NodeJS.Timeout | undefined
  /** Statements under way: while there are any, the session is not silent. */
  #asked = 0

  constructor(server: SqlServer, log: Pick<Logger, 'info' | 'warn'>) {
    this.#server = server
    this.#log = log
    const { promise, resolve } = Promise.withResolvers<Problem>()
    this.takenOver = promise
    this.#giveUp = resolve
  }

  /** Throws Problem DB_UNREACHABLE, DB_DENIED, DB_IN_USE. */
  async open(held?: HeldConnection): Promise<SqlClient> {
    this.#heartbeat = setInterval(() => void this.#beat(), HEARTBEAT_MS)
    this.#heartbeat.unref()
    try {
      if (!held) return await this.#connect(undefined, LOCK_TRIES)
      this.#stepsDown = true
      this.#client = held.client
      held.onLost((error) => this.#lose(held.client, error))
      return held.client
    } catch (error) {
      clearInterval(this.#heartbeat)
      throw serverTrouble(this.#server, error)
    }
  }

  /** Resolves when the database has just said that the lock is held. Throws Problem DB_UNREACHABLE, DB_CHANGED. */
  async stillHeld(): Promise<void> {
    const client = this.#client
    if (!client) throw this.state.trouble ?? this.#closed()
    await this.run(client, { sql: 'select 1', parameters: [] })
  }

  /** From here on every transaction leaves its mark; the table is there, and nobody else has written to it. */
  async mark(client: SqlClient): Promise<void> {
    await client.query(
      'create table if not exists last_commit (one bigint primary key, mark varchar(64) not null)',
    )
    const { rows } = await client.query('select one from last_commit')
    if (rows.length === 0) await client.query("insert into last_commit (one, mark) values (1, '')")
    const mark = this.#nextMark()
    await client.query(setMark(mark))
    this.#mark = mark
  }

  /** Resolves when it is this caller's turn; `release` must follow. Throws Problem DB_UNREACHABLE. */
  acquire(): Promise<SqlClient> {
    return new Promise((resolve, reject) => {
      if (this.#closing.signal.aborted) return reject(this.#closed())
      if (this.#isImpatient) return reject(this.state.trouble)
      this.#waiting.push({ resolve, reject })
      this.#next()
    })
  }

  release(): void {
    this.#isBusy = false
    this.#next()
  }

  /** Throws what the statement met, as a Problem where it is about the database. */
  async run(client: SqlClient, { sql, parameters }: Statement): Promise<SqlAnswer> {
    this.#asked++
    try {
      return await client.query(sql, parameters)
    } catch (error) {
      throw this.#met(client, error)
    } finally {
      this.#asked--
    }
  }

  /** A write without a transaction has happened. */
  wrote(): void {
    if (this.#client) this.state.trouble = undefined
  }

  /** Resolves when it has happened, however long the database is away meanwhile; rejects when it has not. */
  async commit(client: SqlClient): Promise<void> {
    const mark = this.#mark === undefined ? undefined : this.#nextMark()
    if (mark !== undefined) await this.run(client, { sql: setMark(mark), parameters: [] })
    // Asked before it is sent: a new connection may be there before this one says that it is gone.
    const isCommitted = mark === undefined ? undefined : this.#find(mark)
    try {
      await client.query('commit')
      this.#doubt = undefined
      if (mark !== undefined) this.#mark = mark
    } catch (error) {
      const trouble = this.#met(client, error)
      if (!isCommitted || this.#server.troubleOf(error) !== 'lost') {
        this.#doubt = undefined
        throw trouble
      }
      if (!(await isCommitted)) throw trouble
    }
    this.wrote()
  }

  async rollback(client: SqlClient): Promise<void> {
    if (client !== this.#client) return
    // A session that cannot even go back is of no use to the next transaction.
    await client.query('rollback').catch((error: unknown) => this.#lose(client, asError(error)))
  }

  async close(): Promise<void> {
    this.#closing.abort()
    clearInterval(this.#heartbeat)
    const closed = this.#closed()
    for (const { reject } of this.#waiting.splice(0)) reject(closed)
    this.#doubt?.reject(closed)
    const client = this.#client
    this.#client = undefined
    await client?.end()
  }

  /** The database ends a session that says nothing; and one that does not answer is not waited for by a busy server. */
  async #beat(): Promise<void> {
    const client = this.#client
    if (!client || this.#asked > 0) return
    const silent = setTimeout(
      () => this.#lose(client, new Error(`no answer for ${SILENCE_S} s`)),
      SILENCE_S * 1_000,
    )
    await this.stillHeld().catch(() => undefined)
    clearTimeout(silent)
  }

  #next(): void {
    if (this.#isBusy || !this.#client) return
    const waiting = this.#waiting.shift()
    if (!waiting) return
    this.#isBusy = true
    waiting.resolve(this.#client)
  }

  #nextMark(): string {
    this.#marks++
    return `${this.#life}.${this.#marks}`
  }

  #find(mark: string): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    // Nobody waits for it when the answer comes as it should.
    promise.catch(() => {})
    this.#doubt = { mark, resolve, reject }
    return promise
  }

  #met(client: SqlClient, error: unknown): unknown {
    const trouble = serverTrouble(this.#server, error)
    // Of a connection that has been replaced it is no news.
    if (client !== this.#client) return trouble
    const kind = this.#server.troubleOf(error)
    if (kind === 'lost') this.#lose(client, asError(error))
    else if (trouble instanceof Problem && kind !== 'busy') this.state.trouble = trouble
    return trouble
  }

  #lose(client: SqlClient, error: Error): void {
    if (client !== this.#client) return
    this.#client = undefined
    const problem = new Problem('DB_UNREACHABLE', {
      database: this.#server.name,
      reason: error.message,
    })
    problem.cause = error
    this.state.trouble = problem
    this.#log.warn({ database: this.#server.name, reason: error.message }, 'database lost')
    void client.end()
    void this.#loseTemper()
    void this.#comeBack(client.session)
  }

  async #loseTemper(): Promise<void> {
    await this.#pause(PATIENCE_MS)
    if (this.#client || this.#closing.signal.aborted) return
    this.#isImpatient = true
    for (const { reject } of this.#waiting.splice(0)) reject(this.state.trouble)
  }

  async #comeBack(session: number): Promise<void> {
    const { signal } = this.#closing
    for (
      let pause = FIRST_PAUSE_MS;
      !signal.aborted;
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
    ) {
      try {
        await this.#connect(session, 4)
        this.#log.info({ database: this.#server.name }, 'database back')
        return
      } catch (error) {
        const trouble = serverTrouble(this.#server, error)
        if (trouble instanceof Problem) this.state.trouble = trouble
        // What this process remembers is not what is stored: only a start reads everything anew.
        if (trouble instanceof Problem && this.#isTakenOver(trouble)) {
          this.#log.warn({ database: this.#server.name }, 'another server writes to the database')
          this.#doubt?.reject(trouble)
          this.#isImpatient = true
          for (const { reject } of this.#waiting.splice(0)) reject(trouble)
          this.#giveUp(trouble)
          return
        }
        await this.#pause(pause)
      }
    }
  }

  async #connect(before: number | undefined, tries: number): Promise<SqlClient> {
    let lost: Error | undefined
    const client = await this.#server.connect((error) => {
      lost = error
      this.#lose(client, error)
    })
    try {
      await this.#lock(client, before, tries)
      await this.#compare(client)
      if (lost) throw lost
    } catch (error) {
      await client.end()
      throw error
    }
    if (this.#closing.signal.aborted) {
      await client.end()
      throw this.#closed()
    }
    this.#client = client
    this.#isImpatient = false
    this.state.trouble = undefined
    this.#next()
    return client
  }

  async #lock(client: SqlClient, before: number | undefined, tries: number): Promise<void> {
    for (let left = tries; left > 0; left--) {
      if (await this.#server.lock(client)) return
      if (before !== undefined) await this.#server.endHolder(client, before)
      await this.#pause(LOCK_PAUSE_MS)
    }
    throw new Problem('DB_IN_USE', { database: this.#server.name })
  }

  /** Whether the last transaction of before is stored, and nothing after it. */
  async #compare(client: SqlClient): Promise<void> {
    if (this.#mark === undefined) return
    // `for update` waits for a transaction that the database still carries out, though its client is gone.
    const { rows } = await client.query('select mark from last_commit where one = 1 for update')
    const [row] = rows
    const stored = typeof row === 'object' && row !== null && 'mark' in row ? row.mark : undefined
    const doubt = this.#doubt
    if (doubt && stored === doubt.mark) this.#mark = doubt.mark
    else if (stored !== this.#mark) {
      throw new Problem('DB_CHANGED', { database: this.#server.name })
    }
    this.#doubt = undefined
    doubt?.resolve(stored === doubt.mark)
  }

  #isTakenOver({ code }: Problem): boolean {
    return code === 'DB_CHANGED' || (this.#stepsDown && code === 'DB_IN_USE')
  }

  #closed(): Problem {
    return new Problem('DB_UNREACHABLE', { database: this.#server.name, reason: 'closed' })
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#closing
    await delay(ms, undefined, { signal, ref: false }).catch(() => {})
  }
}

/** Made of letters, figures, hyphens and a dot. */
const setMark = (mark: string): string => `update last_commit set mark = '${mark}' where one = 1`

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error))
