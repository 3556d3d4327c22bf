// The run slice on a real database and the real embedded engine, which a test may crash and open again.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type LaunchInput,
  type LaunchPreview,
  launchInput,
  type RunDetail,
  type RunView,
  runRoutes,
} from '@omserver/api'
import { type Engine, embeddedEngine } from '@omserver/engine'
import { pino } from 'pino'
import type { z } from 'zod'
import { permissionsOf } from '../../access/index.ts'
import { activityLog } from '../../activity/index.ts'
import type { Actor } from '../../actor.ts'
import { openDb } from '../../db/index.ts'
import { uuidGenerator } from '../../new-id.ts'
import { createSealer } from '../../sealer.ts'
import type { Services } from '../../services.ts'
import { handBackDatabaseOf, placeOf } from '../../testing/test-database.ts'
import { createRuns } from '../index.ts'
import type { RunParts } from '../ports.ts'
import { readResults } from '../results.ts'
import type { RunService } from '../service.ts'

const resultQuery = runRoutes.results.query

export const admin: Actor = {
  id: 'user-admin',
  name: 'admin',
  role: 'admin',
  permissions: permissionsOf('admin'),
  grants: [],
  via: 'session',
  from: '127.0.0.1',
}

export interface RunServer extends AsyncDisposable {
  readonly services: Services
  readonly engine: Engine
  readonly runs: RunService
  readonly admin: Actor
  readonly fleet: RunParts
  launch(input: LaunchInput, actor?: Actor): Promise<RunView>
  preview(input: LaunchInput): Promise<LaunchPreview>
  /** Resolves when so many hosts of the run have been reported as started. */
  startedHosts(runId: string, count: number): Promise<void>
  /** Resolves with the run when it has ended. */
  ended(runId: string): Promise<RunDetail>
  results(
    runId: string,
    query?: z.input<typeof resultQuery>,
  ): Promise<Awaited<ReturnType<typeof readResults>>>
  /** Resolves when everything that follows the end of a run has been done. */
  settled(): Promise<void>
  /** As after kill -9: nothing more is written, then a new server opens the same data. */
  crash(): Promise<RunServer>
}

export const startRunServer = async (
  parts: RunParts,
  dataDir = mkdtempSync(join(tmpdir(), 'om-runs-')),
  openEngine: () => Promise<Engine> = async () => embeddedEngine(),
): Promise<RunServer> => {
  const clock = { now: () => Date.now(), monotonic: () => performance.now() }
  const log = pino({ level: 'silent' })
  const db = await openDb({
    folder: dataDir,
    place: await placeOf(dataDir),
    log,
    now: clock.now,
  })
  const newId = uuidGenerator(clock.now)
  const engine = await openEngine()
  const base = { db, clock, newId, log, engine, dataDir, sealer: createSealer(Buffer.alloc(32, 7)) }
  const services: Services = { ...base, activity: activityLog(base) }
  const slice = createRuns(services, parts)
  const runs = slice.service
  await slice.start?.()
  const close = async (): Promise<void> => {
    await engine.close()
    await slice.stop?.()
    await db.destroy()
  }
  const server: RunServer = {
    services,
    engine,
    runs,
    admin,
    fleet: parts,
    preview: (input) => runs.preview(admin, launchInput.parse(input)),
    startedHosts: async (runId, count) => {
      const leave = new AbortController()
      const { signal } = leave
      const events = await runs.watch(admin, runId, {
        after: 0,
        output: new Set(),
        form: 'each',
        signal,
      })
      for await (const _ of events) {
        const { items } = await readResults(runs.reader, runId, resultQuery.parse({}))
        if (items.filter(({ startedAt }) => startedAt !== null).length >= count) break
      }
      leave.abort()
    },
    launch: (input, actor = admin) => runs.launch(actor, launchInput.parse(input)),
    ended: async (runId) => {
      const signal = new AbortController().signal
      const events = await runs.watch(admin, runId, {
        after: 2 ** 50,
        output: new Set(),
        form: 'hosts',
        signal,
      })
      for await (const _ of events);
      return runs.show(admin, runId)
    },
    results: (runId, query = {}) => readResults(runs.reader, runId, resultQuery.parse(query)),
    settled: () => runs.settled(),
    crash: async () => {
      await close()
      return startRunServer(parts, dataDir, openEngine)
    },
    [Symbol.asyncDispose]: async () => {
      await close()
      await handBackDatabaseOf(dataDir)
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
  return server
}
