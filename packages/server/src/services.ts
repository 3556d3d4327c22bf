// What every slice of the server is built from. Passed in, never imported as a global.

import type { Engine } from '@omserver/engine'
import type { Logger } from 'pino'
import type { Actor } from './actor.ts'
import type { Db } from './db/index.ts'

export type { Db }

export interface Clock {
  /** ms since 1970, for people. */
  now(): number
  /** ms, monotonic, for durations. */
  monotonic(): number
}

interface ActivityEntry {
  readonly what: string
  readonly subject: string
  readonly hosts?: readonly string[]
  readonly before?: unknown
  readonly after?: unknown
}

/** Append-only. Values named like secrets are replaced by `***` before they are written. */
export interface ActivityLog {
  /** With `within`, as part of that transaction. */
  record(actor: Actor, entry: ActivityEntry, within?: Db): Promise<void>
}

/** AES-256-GCM under the key file of the data folder; `context` is bound into the seal. */
export interface Sealer {
  seal(plain: Uint8Array, context: string): Uint8Array
  /** Throws when the bytes or the context are not what was sealed. */
  open(sealed: Uint8Array, context: string): Uint8Array
}

export interface Services {
  readonly db: Db
  readonly engine: Engine
  readonly clock: Clock
  /** UUIDv7. */
  readonly newId: () => string
  readonly log: Logger
  readonly sealer: Sealer
  readonly activity: ActivityLog
  readonly dataDir: string
}
