// Puts the processes together. The one place that knows server, engine and controller at once.

import { hostname } from 'node:os'
import { join } from 'node:path'
import {
  ansibleDriver,
  createIntroduction,
  createRefusals,
  directDesk,
  funcDriver,
  localDriver,
  saltDriver,
  simDriver,
  sshDriver,
  startController,
} from '@omserver/controller'
import {
  type CallFailure,
  connectNatsEngine,
  controllerSealing,
  type Engine,
  embeddedEngine,
  fingerprintOf,
  type NatsOptions,
  realAfter,
  type ServerSealingParts,
  type Signing,
  serverSealing,
  signingOf,
} from '@omserver/engine'
import {
  type Certificates,
  createReplica,
  createServer,
  parseDatabaseUrl,
  type ReplicaState,
  type Server,
  type ServerOptions,
  type ServerPlace,
} from '@omserver/server'
import { type Logger, pino } from 'pino'
import about from '../package.json' with { type: 'json' }
import { evaluateBuiltin } from './direct/evaluate-builtin.ts'

export { backUpDatabase } from '@omserver/server'

/** One for all packages. */
const VERSION: string = about.version

export interface Served {
  readonly server: Pick<Server, 'firstAdmin' | 'fingerprint'>
  readonly address: string
  /** One of several on a database: whether it drives now. */
  readonly state?: ReplicaState
  /** Hosts in flight end `lost`, unless their commands go on by themselves; the rest runs after the next start. */
  close(): Promise<void>
}

type ServeOptions = Omit<ServerOptions, 'engine'>

const clock = { now: () => Date.now(), monotonic: () => performance.now() }

const logOf = (given: Logger | undefined): Logger =>
  given ?? pino({ level: process.env['OM_LOG'] ?? 'warn' })

/** What a caller is not told of an error is told here, under the number that he was given. */
const failuresTo =
  (log: Logger) =>
  ({ error, ...failure }: CallFailure): void =>
    log.error({ err: error, ...failure }, 'a call failed')

const tellOf =
  (log: Logger) =>
  (idc: string, what: string): void =>
    log.error({ idc }, what)

/** OM_SIM_JOURNAL: where simulated hosts write down what began and ended on them. */
const simulated = (): ReturnType<typeof simDriver> =>
  simDriver({ journal: process.env['OM_SIM_JOURNAL'] || undefined })

/** Server, embedded engine and one controller with every driver, in this process. */
export const serveAll = async (options: ServeOptions): Promise<Served> => {
  const log = logOf(options.log)
  const engine = embeddedEngine({ onCallFailure: failuresTo(log) })
  const server = await createServer({ version: VERSION, ...options, engine, log, clock })
  const { secrets } = server
  const ssh = sshDriver({ secrets, blobs: engine.blobs, clock })
  // After the server has made its peace with the last life: nothing is claimed before that.
  const controller = await startController({
    engine,
    idcs: 'all-known',
    name: `embedded@${hostname()}`,
    version: VERSION,
    drivers: [
      localDriver({ secrets, blobs: engine.blobs }),
      ssh,
      ansibleDriver({
        secrets,
        blobs: engine.blobs,
        cache: join(options.dataDir, 'cache', 'ansible'),
      }),
      saltDriver({ secrets, blobs: engine.blobs, clock }),
      funcDriver({ secrets, blobs: engine.blobs, ssh }),
      simulated(),
    ],
    clock,
    log,
  })
  return listening(server, async () => {
    await controller.stop()
    await server.close()
    await engine.close()
  })
}

/** The web layer alone: controllers are processes of their own, behind NATS. */
export const serveWeb = async (options: ServeOptions, web: WebOptions): Promise<Served> => {
  const place = options.databaseUrl ? parseDatabaseUrl(options.databaseUrl) : undefined
  if (place && place.kind !== 'sqlite') return serveReplica(options, web, place)
  const log = logOf(options.log)
  const signing = await signingOf(web.nats, clock)
  let engine: Engine | undefined
  const open = async (parts: ServerSealingParts): Promise<Engine> => {
    engine = await openEngine({ nats: web.nats, signing, log }, parts)
    return engine
  }
  try {
    const certificates = certificatesOf(signing, web)
    const server = await createServer({
      version: VERSION,
      ...options,
      engine: open,
      certificates,
      log,
      clock,
    })
    return await listening(server, async () => {
      await server.close()
      await engine?.close()
    })
  } catch (error) {
    await engine?.close()
    throw error
  }
}

export interface WebOptions {
  readonly nats: NatsOptions
  /** Of several on one database: HOST:PORT that the others reach this one at. */
  readonly peerAddress?: string
  readonly onChange?: (now: ReplicaState) => void
  /** What is known of certificates beside our own. */
  readonly known?: Omit<Certificates, 'signing'> | undefined
}

const certificatesOf = (
  signing: Signing | undefined,
  { known }: WebOptions,
): Certificates | undefined => signing && { idcs: async () => [], ...known, signing }

const openEngine = async (
  setting: {
    readonly nats: NatsOptions
    readonly signing: Signing | undefined
    readonly log: Logger
  },
  parts: ServerSealingParts,
  mayChangeQueue?: () => Promise<void>,
): Promise<Engine> => {
  const { nats, signing, log } = setting
  return connectNatsEngine({
    ...nats,
    role: 'server',
    onCallFailure: failuresTo(log),
    onTrouble: tellOf(log),
    signing,
    sealing: await serverSealing({ ...parts, signing }),
    onRefused: (refused) => log.error(refused, 'not taken for the word of a server of our CA'),
    mayChangeQueue,
  })
}

/** One of several on a database that is a server of its own. */
const serveReplica = async (
  options: ServeOptions,
  web: WebOptions,
  place: ServerPlace,
): Promise<Served> => {
  const { databaseUrl: _, ...rest } = options
  const { nats, peerAddress, onChange } = web
  const log = logOf(options.log)
  const signing = await signingOf(nats, clock)
  const replica = await createReplica({
    version: VERSION,
    ...rest,
    place,
    certificates: certificatesOf(signing, web),
    openEngine: (parts, stillDrives) => openEngine({ nats, signing, log }, parts, stillDrives),
    peerAddress,
    onChange,
    log,
    clock,
  })
  const { state, fingerprint } = replica
  const firstAdmin = state.kind === 'drives' ? state.firstAdmin : undefined
  const server = { firstAdmin, fingerprint, listen: () => replica.listen() }
  return { ...(await listening(server, () => replica.close())), state }
}

const listening = async (
  server: Pick<Server, 'firstAdmin' | 'fingerprint' | 'listen'>,
  close: () => Promise<void>,
): Promise<Served> => {
  try {
    return { server, address: await server.listen(), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** What a server must know of a controller, and what people compare. */
export const introductionOf = async (
  privateKey: string,
): Promise<{ readonly sealKey: string; readonly fingerprint: string }> => {
  const { publicKey } = await controllerSealing(privateKey)
  return { sealKey: publicKey, fingerprint: fingerprintOf(publicKey) }
}

export interface ServedController {
  /** Starts nothing more; resolves when what is in flight has ended. */
  drain(): Promise<void>
  /** Hosts in flight end `lost`; what waits goes to other controllers. */
  close(): Promise<void>
}

export interface ControllerProcessOptions {
  readonly name: string
  readonly idc: string
  readonly nats: NatsOptions
  /** PKCS#8 PEM, X25519. */
  readonly sealKey: string
  /** Hosts in flight at once. */
  readonly slots?: number | undefined
  readonly log?: Logger
}

/** One controller with every driver, for one IDC. Waits until the IDC is there: until a server has made it. */
export const serveController = async (
  options: ControllerProcessOptions,
): Promise<ServedController> => {
  const { name, idc, nats } = options
  const log = logOf(options.log)
  const signing = await signingOf(nats, clock)
  const proof = signing && { verifier: signing, now: clock.now }
  // Where nobody can prove to be a client, nobody begins anything.
  const direct =
    signing &&
    directDesk({
      own: () => sealing.own,
      verifier: signing,
      evaluate: evaluateBuiltin,
      clock,
      after: realAfter,
      log,
    })
  const sealing = await controllerSealing(options.sealKey, proof, direct?.open)
  const { secrets, publicKey } = sealing
  const refusals = createRefusals(clock, log)
  const engine = await connectNatsEngine({
    ...nats,
    role: 'controller',
    sealing,
    onCallFailure: failuresTo(log),
    signing,
    onRefused: refusals.note,
    onTrouble: tellOf(log),
  })
  const ssh = sshDriver({ secrets, blobs: engine.blobs, clock })
  const controller = await startController({
    engine,
    idcs: [idc],
    name,
    version: VERSION,
    sealKey: publicKey,
    maxInFlight: options.slots,
    direct,
    introduce: signing && createIntroduction(signing, { name, sealKey: publicKey }, clock),
    refusals,
    // No `local`: that host is the server’s own machine, and belongs to administrators alone.
    drivers: [
      ssh,
      ansibleDriver({ secrets, blobs: engine.blobs, noController: true }),
      saltDriver({ secrets, blobs: engine.blobs, clock }),
      funcDriver({ secrets, blobs: engine.blobs, ssh }),
      simulated(),
    ],
    clock,
    log,
  })
  return {
    drain: () => controller.drain(),
    async close() {
      await controller.stop()
      await engine.close()
    },
  }
}
