// Hands requests on to the server that drives, and its answers back, as they come: streams of events and downloads are
// not held up, and whoever goes away ends both sides.

import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { Problem } from '@omserver/core'
import type { Logger } from 'pino'
import type { Driving } from './driving.ts'
import type { OwnPages } from './own-pages.ts'
import { type PeerAgents, peerAgents } from './peer-agents.ts'
import { PEER_HEADER, type peerProver } from './peer-proof.ts'
import { refuse } from './refuse.ts'

/** A machine that is gone does not say that it will not answer. */
const CONNECT_MS = 5_000
/** Whoever asks how we are is told soon, also when the one that drives is frozen. */
const HEALTH_MS = 5_000

/** Of one connection, not of the request (RFC 9110, 7.6.1); `expect` is answered by whoever is asked. */
const ofConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  PEER_HEADER,
])

export interface Forwarder {
  /** Whom to hand on to from now on; what is under way to another is cut: nobody knows whether it still answers. */
  driver(driving: Driving | undefined): void
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void
  close(): void
}

export const createForwarder = (parts: {
  readonly prove: ReturnType<typeof peerProver>
  readonly newId: () => string
  readonly log: Pick<Logger, 'error'>
  readonly pages?: OwnPages
}): Forwarder => {
  let driver: Driving | undefined
  let agents: PeerAgents | undefined
  const underWay = new Set<ClientRequest>()

  const leave = (): void => {
    for (const request of underWay) request.destroy(new Error('another server drives'))
    agents?.close()
    agents = undefined
  }

  const answer: Forwarder['answer'] = (request, response) => {
    const { pages } = parts
    const no = (error: unknown): void => {
      if (isNobody(error) && pages?.isPage(request) && !response.headersSent) {
        pages.answer(request, response)
      } else {
        refuse(request, response, error, { ref: parts.newId(), log: parts.log })
      }
    }
    // Two that each take the other for the one that drives.
    if (request.headers[PEER_HEADER] !== undefined) return no(new Problem('NOT_DRIVING'))
    if (pages?.hasFile(request)) return pages.answer(request, response)
    if (!driver || !agents) return no(new Problem('NOBODY_DRIVES'))
    handOn(request, response, { driver, agents, no })
  }

  const handOn = (
    request: IncomingMessage,
    response: ServerResponse,
    to: {
      readonly driver: Driving
      readonly agents: PeerAgents
      readonly no: (error: unknown) => void
      readonly again?: boolean
    },
  ): void => {
    const { method = 'GET', url = '/' } = request
    const mayRepeat = method === 'GET' || method === 'HEAD'
    const { host, port } = placeOf(to.driver.address)
    const proof = parts.prove({ method, url }, to.driver.id, request.socket.remoteAddress ?? '')
    const onward = to.agents.request({
      host,
      port,
      method,
      path: url,
      agent: mayRepeat && !to.again ? to.agents.kept : to.agents.single,
      headers: { ...passedOn(request), [PEER_HEADER]: proof },
      setHost: false,
    })
    underWay.add(onward)
    let isSent = false
    const isHealth = url === '/api/health'
    const late = () => onward.destroy(new Error('no answer'))
    const slow = setTimeout(late, isHealth ? HEALTH_MS : CONNECT_MS)
    onward.on('socket', (socket) => {
      const connected = (): void => {
        isSent = true
        if (!isHealth) clearTimeout(slow)
      }
      // One of TLS is handed over when the certificate has been compared.
      if (socket.connecting) socket.once('connect', connected)
      else connected()
    })
    onward.on('response', (answered) => {
      clearTimeout(slow)
      response.writeHead(answered.statusCode ?? 502, passedOn(answered))
      response.flushHeaders()
      pipeline(answered, response, () => underWay.delete(onward))
    })
    onward.on('error', () => {
      clearTimeout(slow)
      underWay.delete(onward)
      if (response.destroyed) return
      const isStale = mayRepeat && onward.reusedSocket && !response.headersSent
      if (isStale && driver === to.driver) {
        return handOn(request, response, { ...to, again: true })
      }
      to.no(new Problem(isSent && !mayRepeat ? 'ANSWER_LOST' : 'NOBODY_DRIVES'))
    })
    response.on('close', () => {
      clearTimeout(slow)
      underWay.delete(onward)
      if (!response.writableFinished) onward.destroy()
    })
    pipeline(request, onward, () => {})
  }

  return {
    driver: (next) => {
      if (next?.id === driver?.id && next?.address === driver?.address) return
      leave()
      driver = next
      agents = next && peerAgents(next)
    },
    answer,
    close: () => {
      leave()
      driver = undefined
    },
  }
}

const isNobody = (error: unknown): boolean =>
  error instanceof Problem && error.code === 'NOBODY_DRIVES'

const passedOn = ({ headers }: IncomingMessage): OutgoingHttpHeaders => {
  const named = new Set((headers.connection ?? '').toLowerCase().split(/ *, */))
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !ofConnection.has(name) && !named.has(name)),
  )
}

const placeOf = (address: string): { readonly host: string; readonly port: number } => {
  const { hostname, port } = new URL(`tcp://${address}`)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) }
}
