// The connection of a server that stands by: it looks whether another writes, reads what that one says of itself, and
// becomes the connection that writes when its turn has come.

import { Problem } from '@omserver/core'
import type { ServerPlace } from './database-url.ts'
import { serverTrouble } from './server-trouble.ts'
import type { SqlClient, SqlServer } from './sql-client.ts'
import { sqlServerOf } from './sql-server-of.ts'

/** A connection that holds the lock, for whoever writes from now on. */
export interface HeldConnection {
  readonly server: SqlServer
  readonly client: SqlClient
  /** `then` is called when it is lost; at once when it has been. */
  onLost(then: (error: Error) => void): void
}

export class StandbyConnection {
  readonly name: string
  readonly #server: SqlServer
  #client: SqlClient | undefined
  #lost: Error | undefined
  #onLost: ((error: Error) => void) | undefined

  constructor(place: ServerPlace) {
    this.#server = sqlServerOf(place)
    this.name = this.#server.name
  }

  /** Whether nobody writes. Throws Problem DB_UNREACHABLE, DB_DENIED. */
  isFree(): Promise<boolean> {
    return this.#ask(async (client) => (await this.#server.holder(client)) === undefined)
  }

  /** Of the settings of this name, what is stored; none where there are no tables yet. */
  setting(name: 'driving' | 'keyCheck'): Promise<string | undefined> {
    return this.#ask(async (client) => {
      const { rows } = await client
        .query(`select value from settings where name = '${name}'`)
        .catch((error: unknown) => {
          if (this.#server.troubleOf(error) !== undefined) throw error
          return { rows: [] }
        })
      const [row] = rows
      return typeof row === 'object' && row !== null && 'value' in row
        ? String(row.value)
        : undefined
    })
  }

  /** undefined: another writes. What is held is not ours any more: the next question makes a new connection. */
  take(): Promise<HeldConnection | undefined> {
    return this.#ask(async (client) => {
      if (!(await this.#server.lock(client))) return undefined
      if (this.#lost) throw this.#lost
      this.#client = undefined
      return {
        server: this.#server,
        client,
        onLost: (then) => {
          this.#onLost = then
          if (this.#lost) then(this.#lost)
        },
      }
    })
  }

  async close(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    await client?.end()
  }

  async #ask<T>(question: (client: SqlClient) => Promise<T>): Promise<T> {
    try {
      this.#client ??= await this.#connect()
      return await question(this.#client)
    } catch (error) {
      const trouble = serverTrouble(this.#server, error)
      if (trouble instanceof Problem) await this.close()
      throw trouble
    }
  }

  #connect(): Promise<SqlClient> {
    this.#lost = undefined
    this.#onLost = undefined
    return this.#server.connect((error) => {
      this.#lost = error
      this.#client = undefined
      this.#onLost?.(error)
    })
  }
}
