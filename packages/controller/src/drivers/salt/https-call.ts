// One request over TLS to salt-api, with the certificate checked against the CA of the endpoint. Always.

import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'

/** Returns of thousands of minions come as one answer. */
const ANSWER_MAX_BYTES = 256 * 1024 * 1024
const SOCKETS = 16

export interface HttpsAnswer {
  readonly status: number
  readonly type: string
  readonly text: string
}

interface HttpsCall {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
  readonly token?: string
  /** Without a byte of the answer for so long, ms: given up. */
  readonly silenceMs: number
  readonly signal?: AbortSignal
}

export interface HttpsPlace {
  /** The whole answer. */
  call(call: HttpsCall): Promise<HttpsAnswer>
  /** The beginning of an answer that goes on. */
  open(call: HttpsCall): Promise<IncomingMessage>
  close(): void
}

export const httpsPlace = (of: { readonly url: string; readonly ca?: string }): HttpsPlace => {
  const base = new URL(of.url)
  const folder = base.pathname.replace(/\/+$/, '')
  const tls = { ca: of.ca, minVersion: 'TLSv1.2' } as const
  const agent = new Agent({ ...tls, keepAlive: true, maxSockets: SOCKETS, timeout: 120_000 })
  // A stream would take one of the others’ sockets for hours.
  const streams = new Agent(tls)

  const open = ({ method, path, body, token, silenceMs, signal }: HttpsCall, own: Agent) => {
    const text = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
    return new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(
        {
          agent: own,
          host: base.hostname.replace(/^\[|\]$/g, ''),
          port: base.port === '' ? 443 : Number(base.port),
          path: folder + path,
          method,
          signal,
          headers: {
            accept: method === 'POST' ? 'application/json' : 'text/event-stream',
            ...(token === undefined ? {} : { 'x-auth-token': token }),
            ...(text === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': text.length }),
          },
        },
        resolve,
      )
      sent.setTimeout(silenceMs, () =>
        sent.destroy(new Error(`nothing within ${Math.round(silenceMs / 1000)} s`)),
      )
      sent.on('socket', (socket) => socket.setKeepAlive(true, 15_000))
      sent.once('error', reject)
      sent.end(text)
    })
  }

  return {
    async call(call) {
      const answer = await open(call, agent)
      const chunks: Buffer[] = []
      let bytes = 0
      for await (const chunk of answer) {
        const piece = Buffer.from(chunk)
        bytes += piece.length
        if (bytes > ANSWER_MAX_BYTES) throw new Error('the answer is larger than 256 MiB')
        chunks.push(piece)
      }
      return {
        status: answer.statusCode ?? 0,
        type: answer.headers['content-type'] ?? '',
        text: Buffer.concat(chunks).toString('utf8'),
      }
    },
    open: (call) => open(call, streams),
    close() {
      agent.destroy()
      streams.destroy()
    },
  }
}
