// Puts the slices of the server together, in the one order that works, and takes them apart again.

import { chmodSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { allRoutes } from '@omserver/api'
import { Problem, type Secrets } from '@omserver/core'
import type { Engine, ServerSealingParts } from '@omserver/engine'
import { type Logger, pino } from 'pino'
import { activityLog, createActivity } from './activity/index.ts'
import { askHost } from './ask-host.ts'
import { createAuth } from './auth/index.ts'
import { type Certificates, createControllers } from './controllers/index.ts'
import { createCredentials } from './credentials/index.ts'
import { type Db, holdsSealedData, inDataFolder, openDb, parseDatabaseUrl } from './db/index.ts'
import { createHosts } from './hosts/index.ts'
import { createHttpServer, type Handler } from './http/index.ts'
import { makeFolder } from './make-folder.ts'
import { choicesHandler, createModules, draftHandlers } from './modules/index.ts'
import { uuidGenerator } from './new-id.ts'
import { createRuns } from './runs/index.ts'
import { createSealer, openKeyFile } from './sealer.ts'
import type { Clock, Services } from './services.ts'
import { createSettings } from './settings/index.ts'
import type { Slice } from './slice.ts'
import { openTls, requireTls, type TlsChoice } from './tls.ts'
import { createTrust } from './trust/index.ts'
import { createUsers, type FirstAdmin } from './users/index.ts'

export interface ServerOptions {
  /** Everything the server keeps; made when absent. One server at a time. */
  readonly dataDir: string
  /**
   * Not closed by the server: who made it, closes it, after the server. One between machines is made when it is
   * known how messages are sealed; nothing is sealed or opened before the server exists.
   */
  readonly engine: Engine | ((parts: ServerSealingParts) => Promise<Engine>)
  /** Absent: where there are no certificates, people enrol controllers. */
  readonly certificates?: Certificates
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

export interface Server {
  /** Present when nobody has signed in yet: what to tell the person who starts it. */
  readonly firstAdmin: FirstAdmin | undefined
  /** SHA-256 of the certificate in use. */
  readonly fingerprint: string | undefined
  readonly engine: Engine
  /** What the controllers of this process open secrets through. */
  readonly secrets: Secrets
  /** Resolves with the address, such as `http://127.0.0.1:8640`. Throws Problem('PORT_TAKEN', {host, port}). */
  listen(): Promise<string>
  close(): Promise<void>
}

const DEFAULT_PORT = 8640

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
  const closing: (() => Promise<unknown>)[] = [() => db.destroy()]
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step()
  }
  try {
    const late = Promise.withResolvers<ReturnType<typeof slicesOf>>()
    const services = await servicesOf(options, { db, clock, log }, late.promise)
    const slices = slicesOf(services, options)
    late.resolve(slices)
    const { people, auth, runs } = slices
    const firstAdmin = await people.service.accounts.ensureAdmin(options.adminPassword)
    const app = await createHttpServer({
      routes: allRoutes,
      handlers: slices.all.flatMap((slice): readonly Handler[] => slice.handlers),
      authenticate: auth.service.authenticate,
      log,
      newId: services.newId,
      webDir: options.webDir,
      tls,
      trustProxy: options.trustProxy,
      checkAnswers: options.checkAnswers,
    })
    for (const slice of slices.all) {
      await slice.start?.()
      if (slice.stop) closing.push(() => slice.stop?.() ?? Promise.resolve())
    }
    closing.push(() => app.close())
    return {
      firstAdmin,
      secrets: runs.service.secrets,
      fingerprint: tls?.fingerprint,
      engine: services.engine,
      listen: async () => {
        const port = options.port ?? DEFAULT_PORT
        try {
          return await app.listen({ host, port })
        } catch (error) {
          if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
            throw new Problem('PORT_TAKEN', { host, port })
          }
          throw error
        }
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * An empty folder becomes ours alone. One that holds other things already (`--data /tmp`) keeps its mode: closing it
 * would lock everybody else out of theirs.
 */
const claimFolder = (folder: string): void => {
  makeFolder(folder)
  if (readdirSync(folder).length === 0) chmodSync(folder, 0o700)
}

const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }

const servicesOf = async (
  options: ServerOptions,
  base: { readonly db: Db; readonly clock: Clock; readonly log: Logger },
  slices: Promise<ReturnType<typeof slicesOf>>,
): Promise<Services> => {
  const newId = options.newId ?? uuidGenerator(() => base.clock.now())
  const sealed = await holdsSealedData(base.db)
  const { dataDir } = options
  const key = await inDataFolder(dataDir, () => openKeyFile(join(dataDir, 'secret.key'), sealed))
  const { engine } = options
  return {
    ...base,
    newId,
    engine: typeof engine === 'function' ? await engine(sealingParts(key, slices)) : engine,
    sealer: createSealer(key),
    activity: activityLog({ ...base, newId }),
    dataDir,
  }
}

const sealingParts = (
  masterKey: Uint8Array,
  slices: Promise<ReturnType<typeof slicesOf>>,
): ServerSealingParts => ({
  masterKey,
  recipients: async (idc) => (await slices).controllers.service.sealKeysOf(idc),
  secrets: {
    open: async (ref) => (await slices).runs.service.secrets.open(ref),
    credential: async (id) => (await slices).runs.service.secrets.credential(id),
  },
})

const slicesOf = (services: Services, options: ServerOptions) => {
  const settings = createSettings(services, { version: options.version ?? '0.1.0' })
  const people = createUsers(services, {
    moduleNames: async () => (await modules.service.list()).map(({ name }) => name),
  })
  const auth = createAuth(services, {
    settings: settings.service,
    people: people.service,
    tls: options.tls !== undefined,
  })
  const activity = createActivity(services, { settings: settings.service })
  const credentials = createCredentials(services)
  const hosts = createHosts(services, { credentials: credentials.service })
  const modules = createModules(services, { modulesDir: options.modulesDir })
  const version = options.version ?? '0.1.0'
  const controllers = createControllers(services, {
    version,
    hosts: hosts.service.all,
    offerAgain: (idc) => runs.service.offerAgain(idc),
    certificates: options.certificates,
  })
  const runs = createRuns(services, {
    controllers: controllers.service,
    hosts: hosts.service,
    modules: modules.service,
    credentials: credentials.service,
    settings: settings.service,
  })
  const trust = createTrust(services, {
    hosts: hosts.service,
    runs: runs.service,
    credentials: credentials.service,
  })
  for (const module of trust.modules) modules.service.host(module)
  const choices = choicesHandler({
    modules: modules.service,
    select: hosts.service.select,
    askHost: askHost(runs.service),
  })
  const drafts = draftHandlers({
    custom: modules.custom,
    host: async (idOrName) =>
      (await hosts.service.byId(idOrName)) ?? (await hosts.service.byName(idOrName)),
    tryModule: (actor, trial) => runs.service.tryModule(actor, trial),
  })
  // In the order they start; they stop the other way round.
  const all: readonly Slice<unknown>[] = [
    settings,
    people,
    auth,
    activity,
    credentials,
    hosts,
    modules,
    controllers,
    { service: choices, handlers: [choices] },
    { service: drafts, handlers: drafts },
    runs,
    trust,
  ]
  return { all, people, auth, runs, controllers }
}
