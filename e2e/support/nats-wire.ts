// Speaks to nats-server on the wire, without a client library: whatever it lets pass or refuses is the server's own
// doing, and a caller may say anything.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

export interface WireTls {
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
}

export interface Wire {
  /** Messages that came, payloads as latin1. */
  readonly heard: readonly { readonly subject: string; readonly payload: string }[]
  /** `-ERR` of the server, each once. */
  readonly refusals: readonly string[]
  subscribe(subject: string): void
  publish(subject: string, payload?: string, reply?: string): void
  /** When the server has taken all that was sent. */
  flush(): Promise<void>
  close(): void
}

const PATIENCE_MS = 10_000

/** @param tls undefined: stays in plain text. Rejects when the server does not let it in. */
export const connectWire = async (port: number, tls?: WireTls): Promise<Wire> => {
  const plain = connect(port, '127.0.0.1')
  plain.on('error', () => undefined)
  // Its greeting comes in plain text, also where TLS follows.
  await once(plain, 'data')
  const read = (file: string | undefined) => file && readFileSync(file)
  const socket: Socket = tls
    ? connectTls({
        socket: plain,
        ca: read(tls.caFile),
        cert: read(tls.certFile),
        key: read(tls.keyFile),
        checkServerIdentity: () => undefined,
      })
    : plain
  const heard: { subject: string; payload: string }[] = []
  const refusals: string[] = []
  let pongs = 0
  let waiting = ''
  let ended: string | undefined
  let subscriptions = 0

  const take = (): boolean => {
    const end = waiting.indexOf('\r\n')
    if (end < 0) return false
    const line = waiting.slice(0, end)
    const [verb = '', ...words] = line.split(' ')
    if (verb === 'MSG' || verb === 'HMSG') {
      const size = Number(words.at(-1))
      if (waiting.length < end + 2 + size + 2) return false
      heard.push({ subject: words[0] ?? '', payload: waiting.slice(end + 2, end + 2 + size) })
      waiting = waiting.slice(end + 2 + size + 2)
      return true
    }
    if (verb === 'PONG') pongs++
    if (verb === 'PING') socket.write('PONG\r\n')
    if (verb === '-ERR') refusals.push(words.join(' '))
    waiting = waiting.slice(end + 2)
    return true
  }
  socket.on('data', (bytes: Buffer) => {
    waiting += bytes.toString('latin1')
    while (take());
  })
  socket.on('error', (error) => {
    ended ??= error.message
  })
  socket.on('close', () => {
    ended ??= refusals.at(-1) ?? 'closed'
  })

  const flush = async (): Promise<void> => {
    const wanted = pongs + 1
    socket.write('PING\r\n')
    for (let waited = 0; pongs < wanted; waited += 10) {
      if (ended !== undefined) throw new Error(ended)
      if (waited > PATIENCE_MS) throw new Error('no answer')
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  socket.write('CONNECT {"verbose":false,"pedantic":false,"headers":true,"protocol":1}\r\n')
  try {
    await flush()
  } catch (error) {
    socket.destroy()
    throw error
  }
  return {
    heard,
    refusals,
    subscribe(subject) {
      socket.write(`SUB ${subject} ${++subscriptions}\r\n`)
    },
    publish(subject, payload = '', reply) {
      const to = reply === undefined ? '' : ` ${reply}`
      socket.write(`PUB ${subject}${to} ${Buffer.byteLength(payload)}\r\n${payload}\r\n`)
    },
    flush,
    close: () => socket.destroy(),
  }
}
