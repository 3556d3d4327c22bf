// Puts the processes together. The one place that knows server, engine and controller at once.

import { hostname } from 'node:os'
import { localDriver, simDriver, sshDriver, startController } from '@omserver/controller'
import { embeddedEngine } from '@omserver/engine'
import { createServer, type Server, type ServerOptions } from '@omserver/server'
import { pino } from 'pino'
import about from '../package.json' with { type: 'json' }

/** One for all packages. */
const VERSION: string = about.version

export interface Served {
  readonly server: Server
  readonly address: string
  /** Hosts in flight end `lost`, the rest runs after the next start. */
  close(): Promise<void>
}

const clock = { now: () => Date.now(), monotonic: () => performance.now() }

/** Server, embedded engine and one controller with every driver, in this process. */
export const serveAll = async (options: Omit<ServerOptions, 'engine'>): Promise<Served> => {
  const log = options.log ?? pino({ level: process.env['OM_LOG'] ?? 'warn' })
  const engine = embeddedEngine()
  const server = await createServer({ version: VERSION, ...options, engine, log, clock })
  const { secrets } = server
  // After the server has made its peace with the last life: nothing is claimed before that.
  const controller = await startController({
    engine,
    idcs: 'all-known',
    name: `embedded@${hostname()}`,
    version: VERSION,
    drivers: [
      localDriver({ secrets, blobs: engine.blobs }),
      sshDriver({ secrets, blobs: engine.blobs, clock }),
      simDriver(),
    ],
    clock,
    log,
  })
  const close = async () => {
    await controller.stop()
    await server.close()
    await engine.close()
  }
  try {
    return { server, address: await server.listen(), close }
  } catch (error) {
    await close()
    throw error
  }
}
