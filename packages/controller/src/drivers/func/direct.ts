// Calls a funcd over mutual TLS. A connection for each call: funcd forks for every connection, and what was sent on one
// that was kept open, and broke, nobody could tell.

import { request } from 'node:http'
import { isIP } from 'node:net'
import {
  connect,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls'
import type { Failure } from '../../failure.ts'
import type { GateKeeper } from '../../gate-keeper.ts'
import type { FuncSetting } from './setting.ts'
import { type At, badKeys, closedFailure, refusalOf, timeoutFailure } from './tls-failure.ts'
import type { Answer, CallOptions, FuncTransport } from './transport.ts'
import type { FuncArgument } from './value.ts'
import { methodCall } from './xml-rpc-call.ts'
import { ANSWER_MAX_BYTES, readResponse } from './xml-rpc-response.ts'

export interface DirectHost {
  /** Its certificate must be of this name. */
  readonly name: string
  readonly address: string
  readonly port: number
}

/** Throws what OpenSSL says of the files. */
export const contextOf = ({ ca, cert, key, legacyTls }: FuncSetting): SecureContext =>
  createSecureContext({
    ca,
    cert,
    key,
    minVersion: legacyTls ? 'TLSv1' : 'TLSv1.2',
    // OpenSSL 3 refuses what certmaster signed with SHA-1, and TLS 1.0 with it, above level 0.
    ...(legacyTls ? { ciphers: 'DEFAULT@SECLEVEL=0' } : {}),
  })

/** By its alternative names; certificates of old have none, and are then known by their common name. */
const namesOf = ({ subject, subjectaltname }: PeerCertificate): readonly string[] => {
  const alternative = (subjectaltname ?? '')
    .split(/, ?/)
    .flatMap((one) => (/^(?:DNS|IP Address):/.test(one) ? [one.slice(one.indexOf(':') + 1)] : []))
  if (alternative.length > 0) return alternative
  const { CN } = subject
  return typeof CN === 'string' ? [CN] : Array.isArray(CN) ? CN : []
}

class NameMismatch extends Error {
  readonly code = 'ERR_TLS_CERT_ALTNAME_INVALID'
}

const placeOf = ({ address, port }: DirectHost): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

export const directTransport = (
  host: DirectHost,
  setting: FuncSetting,
  parts: {
    readonly context: () => SecureContext
    /** Of all hosts. */
    readonly sockets: GateKeeper
  },
): FuncTransport => {
  const at: At = { place: placeOf(host), endpoint: setting.name, legacyTls: setting.legacyTls }

  /** A connection on which nothing has been sent, from a host that has proven its name. */
  const open = (options: CallOptions): Promise<TLSSocket | Failure> => {
    const { promise, resolve } = Promise.withResolvers<TLSSocket | Failure>()
    let context: SecureContext
    try {
      context = parts.context()
    } catch (error) {
      return Promise.resolve(badKeys(error, at))
    }
    let stage: 'connecting' | 'handshake' = 'connecting'
    const socket = connect({
      host: host.address,
      port: host.port,
      secureContext: context,
      ...(isIP(host.name) === 0 ? { servername: host.name } : {}),
      checkServerIdentity: (_name, certificate) => {
        const names = namesOf(certificate)
        if (names.some((name) => name.toLowerCase() === host.name.toLowerCase())) return undefined
        const shown = names.join(', ') || 'nobody'
        return new NameMismatch(
          `${at.place} shows the certificate of ${shown}, not of ${host.name}`,
        )
      },
    })
    const settle = (result: TLSSocket | Failure): void => {
      clearTimeout(timer)
      options.signal.removeEventListener('abort', giveUp)
      socket.removeAllListeners('error').removeAllListeners('close')
      // Unheard, an error would end the process.
      socket.on('error', () => undefined)
      if (result !== socket) socket.destroy()
      resolve(result)
    }
    const giveUp = (): void =>
      settle({ reason: 'connectTimeout', message: `stopped while connecting to ${at.place}` })
    const limit = Math.min(options.connectTimeoutMs, options.timeoutMs)
    const timer = setTimeout(() => settle(timeoutFailure(at, stage, limit)), limit)
    options.signal.addEventListener('abort', giveUp, { once: true })
    socket
      .once('connect', () => {
        stage = 'handshake'
      })
      .once('secureConnect', () => settle(socket))
      .once('error', (error) => settle(refusalOf(error, at) ?? closedFailure(at)))
      .once('close', () => settle(closedFailure(at)))
    if (options.signal.aborted) giveUp()
    return promise
  }

  const ask = (socket: TLSSocket, body: Buffer, options: CallOptions): Promise<Answer> => {
    const { promise, resolve } = Promise.withResolvers<Answer>()
    const settle = (answer: Answer): void => {
      clearTimeout(timer)
      options.signal.removeEventListener('abort', giveUp)
      socket.destroy()
      resolve(answer)
    }
    const cut = (message: string): void => settle({ kind: 'cut', message })
    const giveUp = (): void => cut('the call was given up')
    const timer = setTimeout(
      () => cut(`${at.place} did not answer the call within ${options.timeoutMs / 1000} s`),
      options.timeoutMs,
    )
    options.signal.addEventListener('abort', giveUp, { once: true })
    const sent = request({
      method: 'POST',
      path: '/RPC2',
      createConnection: () => socket,
      headers: {
        Host: host.name.replace(/[^\x21-\x7e]/g, '?'),
        'Content-Type': 'text/xml',
        'Content-Length': body.length,
        Connection: 'close',
      },
    })
    sent.on('error', (error) => {
      // With TLS 1.3 our own certificate is judged when the handshake seems to be over; nothing was carried out then.
      const refused = refusalOf(error, at)
      if (refused) settle({ kind: 'unsent', ...refused })
      else {
        const message = `${at.place} closed the connection before it answered`
        settle({ kind: 'cut', message, closed: true })
      }
    })
    sent.on('response', (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > ANSWER_MAX_BYTES)
          cut(`the answer is larger than ${ANSWER_MAX_BYTES / 1024 / 1024} MB`)
        else chunks.push(chunk)
      })
      response.on('error', () => cut(`${at.place} closed the connection within its answer`))
      response.on('end', () => {
        if (response.statusCode !== 200) {
          settle({ kind: 'fault', text: `HTTP ${response.statusCode ?? 0}` })
          return
        }
        try {
          settle(answerOf(Buffer.concat(chunks)))
        } catch (error) {
          cut(error instanceof Error ? error.message : 'the answer cannot be read')
        }
      })
    })
    sent.end(body)
    return promise
  }

  const call = async (
    method: string,
    args: readonly FuncArgument[],
    options: CallOptions,
  ): Promise<Answer> => {
    let body: Buffer
    try {
      body = Buffer.from(methodCall(method, args))
    } catch (error) {
      const message = error instanceof Error ? error.message : 'the call cannot be written'
      return { kind: 'unsent', reason: 'callFailed', message }
    }
    const leave = options.urgent ? () => undefined : await parts.sockets.enter(options.signal)
    if (!leave) {
      return {
        kind: 'unsent',
        reason: 'connectTimeout',
        message: `stopped while connecting to ${at.place}`,
      }
    }
    try {
      const socket = await open(options)
      return 'reason' in socket ? { kind: 'unsent', ...socket } : await ask(socket, body, options)
    } finally {
      leave()
    }
  }

  return { takesBytes: true, call }
}

const answerOf = (body: Buffer): Answer => {
  const response = readResponse(body)
  return response.kind === 'fault' ? { kind: 'fault', text: response.text } : response
}
