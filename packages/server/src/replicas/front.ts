// The port of a server on a shared database: it stays open while what stands behind it changes.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

export interface Front {
  /** From the next request on; before `listen`, too. */
  use(answer: Answer): void
  /** Resolves with the port. */
  listen(at: { readonly host: string; readonly port: number }): Promise<number>
  close(): Promise<void>
}

/** As Fastify has it: longer than the proxies that are in use keep a connection. */
const KEEP_ALIVE_MS = 72_000

export const createFront = (
  tls: { readonly cert: string; readonly key: string } | undefined,
  log: Pick<Logger, 'error'>,
): Front => {
  let current: Answer | undefined
  const answer: Answer = (request, response) => {
    try {
      current?.(request, response)
    } catch (error) {
      log.error({ err: error }, 'request failed')
      response.destroy()
    }
  }
  const settings = { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }
  const server = tls
    ? createTlsServer({ ...settings, cert: tls.cert, key: tls.key }, answer)
    : createServer(settings, answer)
  return {
    use: (next) => {
      current = next
    },
    listen: ({ host, port }) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          server.off('error', reject)
          resolve((server.address() as AddressInfo).port)
        })
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
