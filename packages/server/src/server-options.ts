// What a server is told when it starts.

import type { Engine, ServerSealingParts } from '@omserver/engine'
import type { Logger } from 'pino'
import type { Certificates } from './controllers/index.ts'
import type { Clock } from './services.ts'
import type { TlsChoice } from './tls.ts'

export interface ServerOptions {
  /** Everything the server keeps; made when absent. One server at a time. */
  readonly dataDir: string
  /**
   * Not closed by the server: who made it, closes it, after the server. One between machines is made when it is
   * known how messages are sealed; nothing is sealed or opened before the server exists.
   */
  readonly engine: Engine | ((parts: ServerSealingParts) => Promise<Engine>)
  /** Absent: where there are no certificates, people enrol controllers. */
  readonly certificates?: Certificates | undefined
  /** How long what an IDC was told to act alone counts, ms; default 7 days. */
  readonly bookMs?: number | undefined
  /** Address to listen on; beyond loopback it takes `tls` or `allowHttp`. */
  readonly host?: string
  /** 0 takes a free one. */
  readonly port?: number
  readonly tls?: TlsChoice
  /** `--allow-http`: plain HTTP beyond loopback, by explicit wish. */
  readonly allowHttp?: boolean
  /** Proxies whose X-Forwarded-For is believed. */
  readonly trustProxy?: string | readonly string[]
  /** The built web pages. */
  readonly webDir?: string
  /** Folder of users' own modules. */
  readonly modulesDir?: string
  /** OM_ADMIN_PASSWORD: the first administrator's, who then need not change it. */
  readonly adminPassword?: string
  /** OM_DATABASE_URL: instead of a file in the data folder. */
  readonly databaseUrl?: string
  readonly version?: string
  readonly log?: Logger
  readonly clock?: Clock
  readonly newId?: () => string
  /** Compare every answer with the contract: for development and tests. */
  readonly checkAnswers?: boolean
}
