// The web layer in one process: its data folder, its database, and the port it listens on.

import type { EndpointSecrets, Secrets } from '@omserver/core'
import type { Engine } from '@omserver/engine'
import { pino } from 'pino'
import { type Assembled, assemble } from './assemble.ts'
import { inDataFolder, openDb, parseDatabaseUrl } from './db/index.ts'
import { DEFAULT_PORT, portTrouble } from './listening.ts'
import { claimFolder } from './make-folder.ts'
import { workAlone } from './replicas/index.ts'
import type { ServerOptions } from './server-options.ts'
import { systemClock } from './system-clock.ts'
import { openTls, requireTls } from './tls.ts'
import type { FirstAdmin } from './users/index.ts'

export interface Server {
  /** Present when nobody has signed in yet: what to tell the person who starts it. */
  readonly firstAdmin: FirstAdmin | undefined
  /** SHA-256 of the certificate in use. */
  readonly fingerprint: string | undefined
  readonly engine: Engine
  /** What the controllers of this process open secrets through. */
  readonly secrets: Secrets & EndpointSecrets
  /** Resolves with the address, such as `http://127.0.0.1:8640`. Throws Problem('PORT_TAKEN', {host, port}). */
  listen(): Promise<string>
  close(): Promise<void>
}

/**
 * Opens the data folder and gets everything ready; nothing is served before `listen`.
 * Throws Problem: DATA_FOLDER_IN_USE, DATA_FOLDER_UNWRITABLE, DATABASE_URL, DB_*, DISK_FULL, KEY_FILE_*, TLS_*,
 * MODULES_FOLDER_UNUSABLE, PASSWORD_WEAK (of `adminPassword`).
 */
export const createServer = async (options: ServerOptions): Promise<Server> => {
  const host = options.host ?? '127.0.0.1'
  requireTls({ host, tls: options.tls !== undefined, allowHttp: options.allowHttp === true })
  const log = options.log ?? pino({ level: 'warn' })
  const clock = options.clock ?? systemClock
  const { dataDir, databaseUrl } = options
  const place = databaseUrl === undefined ? undefined : parseDatabaseUrl(databaseUrl)
  const now = () => clock.now()
  const { tls, db } = await inDataFolder(dataDir, async () => {
    claimFolder(dataDir)
    return {
      tls: options.tls && (await openTls(options.tls, { dataDir, host, now })),
      db: await openDb({ folder: dataDir, place, log, now }),
    }
  })
  let assembled: Assembled
  try {
    assembled = await assemble(options, { db, clock, log, tls })
    if (place && place.kind !== 'sqlite') await workAlone(db, dataDir)
  } catch (error) {
    await db.destroy()
    throw error
  }
  const { app, firstAdmin, secrets, engine } = assembled
  return {
    firstAdmin,
    secrets,
    fingerprint: tls?.fingerprint,
    engine,
    listen: async () => {
      const port = options.port ?? DEFAULT_PORT
      try {
        return await app.listen({ host, port })
      } catch (error) {
        throw portTrouble(error, { host, port })
      }
    },
    close: async () => {
      await assembled.close()
      await db.destroy()
    },
  }
}
