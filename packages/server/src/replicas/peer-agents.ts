// Connections to the server that drives: none to one that shows another certificate than the one it has announced.

import { Agent, request as requestPlain } from 'node:http'
import { request as requestTls, Agent as TlsAgent } from 'node:https'
import { isIP } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import type { Driving } from './driving.ts'

export interface PeerAgents {
  readonly request: typeof requestPlain
  /** For what may be asked twice: a connection that was kept may have been closed a moment ago. */
  readonly kept: Agent
  /** A connection of its own for each. */
  readonly single: Agent
  close(): void
}

export const peerAgents = ({ fingerprint }: Pick<Driving, 'fingerprint'>): PeerAgents => {
  const [kept, single] =
    fingerprint === undefined
      ? [new Agent({ keepAlive: true }), new Agent()]
      : [pinned(fingerprint, true), pinned(fingerprint, false)]
  return {
    request: fingerprint === undefined ? requestPlain : (requestTls as typeof requestPlain),
    kept,
    single,
    close: () => {
      kept.destroy()
      single.destroy()
    },
  }
}

const pinned = (fingerprint: string, keepAlive: boolean): TlsAgent => {
  const agent = new TlsAgent({ keepAlive, maxCachedSessions: 0 })
  agent.createConnection = (options, done) => {
    const { host, port } = options as ConnectionOptions
    // Which authority signed it, and for which names, is not asked: it is compared as a whole.
    const socket: TLSSocket = connect({
      host,
      port,
      servername: host && isIP(host) === 0 ? host : undefined,
      rejectUnauthorized: false,
    })
    const failed = (error: Error) => done?.(error, socket)
    socket.once('error', failed)
    socket.once('secureConnect', () => {
      socket.off('error', failed)
      const shown = socket.getPeerCertificate().fingerprint256
      if (shown === fingerprint) return done?.(null, socket)
      socket.destroy()
      failed(new Error(`shows another certificate than it has announced: ${shown}`))
    })
    return undefined
  }
  return agent
}
