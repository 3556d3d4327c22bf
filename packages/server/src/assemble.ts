// Puts the slices of the server together on a database that is open, in the one order that works.

import { join } from 'node:path'
import { allRoutes } from '@omserver/api'
import type { EndpointSecrets, Secrets } from '@omserver/core'
import type { Engine, ServerSealingParts } from '@omserver/engine'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { activityLog, createActivity } from './activity/index.ts'
import { askHost } from './ask-host.ts'
import { createAuth } from './auth/index.ts'
import { createControllers } from './controllers/index.ts'
import { createCredentials } from './credentials/index.ts'
import { type Db, holdsSealedData, inDataFolder } from './db/index.ts'
import { createDirect } from './direct/index.ts'
import { createEndpoints } from './endpoints/index.ts'
import { createFiles } from './files/index.ts'
import { createHosts } from './hosts/index.ts'
import { createHttpServer, type Handler } from './http/index.ts'
import { choicesHandler, createModules, draftHandlers } from './modules/index.ts'
import { uuidGenerator } from './new-id.ts'
import { createProjects } from './projects/index.ts'
import { createRuns } from './runs/index.ts'
import { createSealer, openKeyFile } from './sealer.ts'
import type { ServerOptions } from './server-options.ts'
import type { Clock, Services } from './services.ts'
import { createSettings } from './settings/index.ts'
import type { Slice } from './slice.ts'
import type { TlsFiles } from './tls.ts'
import { createTrust } from './trust/index.ts'
import { createUsers, type FirstAdmin } from './users/index.ts'

const BOOK_MS = 7 * 24 * 60 * 60 * 1000

interface Ground {
  readonly db: Db
  readonly clock: Clock
  readonly log: Logger
  readonly tls: TlsFiles | undefined
}

export interface Assembled {
  readonly app: FastifyInstance
  readonly firstAdmin: FirstAdmin | undefined
  readonly secrets: Secrets & EndpointSecrets
  readonly engine: Engine
  /** The requests, then the slices; not the database. */
  close(): Promise<void>
}

/** Everything works when it resolves; nothing listens. Throws as `createServer` does, and has closed what it began. */
export const assemble = async (options: ServerOptions, ground: Ground): Promise<Assembled> => {
  const { log, tls } = ground
  const closing: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step()
  }
  try {
    const late = Promise.withResolvers<ReturnType<typeof slicesOf>>()
    const { services, masterKey } = await servicesOf(options, ground, late.promise)
    const slices = slicesOf(services, options, masterKey)
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
    await app.ready()
    return { app, firstAdmin, secrets: runs.service.secrets, engine: services.engine, close }
  } catch (error) {
    await close()
    throw error
  }
}

const servicesOf = async (
  options: ServerOptions,
  base: Ground,
  slices: Promise<ReturnType<typeof slicesOf>>,
): Promise<{ readonly services: Services; readonly masterKey: Uint8Array }> => {
  const newId = options.newId ?? uuidGenerator(() => base.clock.now())
  const sealed = await holdsSealedData(base.db)
  const { dataDir } = options
  const key = await inDataFolder(dataDir, () => openKeyFile(join(dataDir, 'secret.key'), sealed))
  const { engine } = options
  const services = {
    ...base,
    newId,
    engine: typeof engine === 'function' ? await engine(sealingParts(key, slices)) : engine,
    sealer: createSealer(key),
    activity: activityLog({ ...base, newId }),
    dataDir,
  }
  return { services, masterKey: key }
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
    endpoint: async (id) => (await slices).runs.service.secrets.endpoint(id),
  },
  runKeyOf: async (idc, runId) => (await slices).direct.service.runKeyOf(idc, runId),
})

const slicesOf = (services: Services, options: ServerOptions, masterKey: Uint8Array) => {
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
  const endpoints = createEndpoints(services, { hosts: hosts.service })
  const modules = createModules(services, { modulesDir: options.modulesDir })
  const version = options.version ?? '0.1.0'
  const controllers = createControllers(services, {
    version,
    hosts: hosts.service.all,
    offerAgain: (idc) => runs.service.offerAgain(idc),
    storedUpTo: (idc) => runs.service.storedUpTo(idc),
    certificates: options.certificates,
  })
  const direct = createDirect(
    services,
    {
      hosts: { ...hosts.service, targetsOf: (some) => hosts.service.targetsOf(some, {}) },
      accounts: people.service.accounts,
      credentials: credentials.service,
      settings: settings.service,
      sealKeysOf: controllers.service.sealKeysOf,
      masterKey,
      signing: options.certificates?.signing,
      issuedClients: options.certificates?.clients,
      bookMs: options.bookMs ?? BOOK_MS,
    },
    {
      listen: (idc) => runs.service.listen(idc),
      run: (idc, runId) => runs.service.begunIn(idc, runId),
      abort: (idc, runId) => runs.service.abortedIn(idc, runId),
    },
  )
  const projects = createProjects(services, {
    credentials: credentials.service,
    settings: settings.service,
  })
  const files = createFiles(services, {
    settings: settings.service,
    runsWith: (hash) => runs.service.runsWith(hash),
  })
  const runs = createRuns(services, {
    sources: [projects.service.source, files.copySource],
    contents: files.contents,
    direct: direct.service,
    accounts: people.service.accounts,
    controllers: controllers.service,
    hosts: hosts.service,
    modules: modules.service,
    credentials: credentials.service,
    endpoints: endpoints.service,
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
    projects: projects.service,
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
    endpoints,
    modules,
    projects,
    files,
    controllers,
    { service: choices, handlers: [choices] },
    { service: drafts, handlers: drafts },
    runs,
    direct,
    trust,
  ]
  return { all, people, auth, runs, controllers, direct }
}
