// The services of a server without its HTTP, for tests of one slice: a real database, real seals, a clock that is set.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedEngine } from '@omserver/engine'
import { pino } from 'pino'
import { permissionsOf } from '../access/index.ts'
import { type ActivityService, activityLog, createActivity } from '../activity/index.ts'
import type { Actor } from '../actor.ts'
import { openDb } from '../db/index.ts'
import { uuidGenerator } from '../new-id.ts'
import { createSealer } from '../sealer.ts'
import type { Services } from '../services.ts'
import { createSettings } from '../settings/index.ts'
import { handBackDatabaseOf, placeOf } from './test-database.ts'

export interface TestServices extends AsyncDisposable {
  readonly services: Services
  readonly admin: Actor
  readonly activity: ActivityService
  /** Moves the clock on, ms. */
  pass(ms: number): void
  /** As by kill -9: no slice is stopped, nothing more is written. Resolves to the data folder. */
  kill(): Promise<string>
}

/** `dataDir`: of a server that was killed; its files are still there. */
export const startServices = async (
  dataDir = mkdtempSync(join(tmpdir(), 'om-services-')),
): Promise<TestServices> => {
  let now = 1_700_000_000_000
  const clock = { now: () => now, monotonic: () => now }
  const log = pino({ level: 'error' })
  const db = await openDb({
    folder: dataDir,
    place: await placeOf(dataDir),
    log,
    now: clock.now,
  })
  const newId = uuidGenerator(clock.now)
  const engine = embeddedEngine()
  const base = { db, clock, newId, log, engine, dataDir, sealer: createSealer(Buffer.alloc(32, 7)) }
  const services: Services = { ...base, activity: activityLog(base) }
  const settings = createSettings(services, { version: 'test' })
  return {
    services,
    admin: {
      id: newId(),
      name: 'admin',
      role: 'admin',
      permissions: permissionsOf('admin'),
      grants: [],
      via: 'session',
      from: '127.0.0.1',
    },
    activity: createActivity(services, { settings: settings.service }).service,
    pass: (ms) => {
      now += ms
    },
    kill: async () => {
      log.level = 'silent'
      await engine.close()
      await db.destroy()
      return dataDir
    },
    [Symbol.asyncDispose]: async () => {
      await engine.close()
      await db.destroy()
      await handBackDatabaseOf(dataDir)
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
