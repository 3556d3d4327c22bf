// Handing on, against a server that says what it was asked: nothing is held up, nothing is made up.

import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openTls, type TlsFiles } from '../tls.ts'
import type { Driving } from './driving.ts'
import { createForwarder, type Forwarder } from './forward.ts'
import { createFront, type Front } from './front.ts'
import { PEER_HEADER, peerProver, peerVerifier } from './peer-proof.ts'

const key = Buffer.alloc(32, 1)
type Listener = (request: IncomingMessage, response: ServerResponse) => void
let listener: Listener
let forwarder: Forwarder
let front: Front
let url: string
let closing: (() => void)[]

beforeEach(async () => {
  closing = []
  forwarder = createForwarder({
    prove: peerProver(key, 'web-b'),
    newId: () => 'ref',
    log: { error: () => {} },
  })
  front = createFront(undefined, { error: () => {} })
  front.use(forwarder.answer)
  url = `http://127.0.0.1:${await front.listen({ host: '127.0.0.1', port: 0 })}`
})
afterEach(async () => {
  forwarder.close()
  await front.close()
  for (const close of closing) close()
})

/** A server that drives; resolves to what it says of itself. */
const driver = async (on: Listener, tls?: TlsFiles): Promise<Driving> => {
  listener = on
  const answer: Listener = (request, response) => listener(request, response)
  const server = tls ? createTlsServer({ ...tls }, answer) : createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const driving = {
    name: 'web-a',
    id: 'drive-1',
    address: `127.0.0.1:${port}`,
    ...(tls ? { fingerprint: tls.fingerprint } : {}),
  }
  forwarder.driver(driving)
  return driving
}
const codeOf = async (response: Response): Promise<string> =>
  ((await response.json()) as { error: { code: string } }).error.code

it('hands on what was asked, with a proof of where it came from', async () => {
  const seen: { claim?: unknown; host?: string; body?: string; connection?: string } = {}
  await driver(async (request, response) => {
    const { method = '', url: path = '', headers } = request
    seen.claim = peerVerifier(key, 'drive-1')({ method, url: path }, String(headers[PEER_HEADER]))
    seen.host = headers.host
    seen.body = Buffer.concat(await request.toArray()).toString()
    response.writeHead(201, { 'set-cookie': ['a=1', 'b=2'], 'x-own': 'yes' }).end('made')
  })
  const response = await fetch(`${url}/api/runs?a=b`, {
    method: 'POST',
    body: 'x'.repeat(300_000),
    // Of a stranger who plays a server of ours: it is not handed on as it is.
    headers: { 'x-forwarded-for': '6.6.6.6' },
  })
  expect(response.status).toBe(201)
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect(response.headers.get('x-own')).toBe('yes')
  expect(await response.text()).toBe('made')
  expect(seen).toMatchObject({
    claim: { from: '127.0.0.1', name: 'web-b', to: 'drive-1' },
    // The name that the browser knows: the check of Origin needs it.
    host: new URL(url).host,
    body: 'x'.repeat(300_000),
  })
})

it('events come through one by one, and a reader who leaves is left', async () => {
  const left = Promise.withResolvers<void>()
  let say: (text: string) => void = () => {}
  await driver((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    say = (text) => response.write(text)
    say(': open\n\n')
    response.on('close', () => left.resolve())
  })
  const leave = new AbortController()
  const response = await fetch(`${url}/api/runs/1/events`, { signal: leave.signal })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  expect((await reader.read()).value).toBe(': open\n\n')
  say('data: 1\n\n')
  expect((await reader.read()).value).toBe('data: 1\n\n')
  leave.abort()
  await left.promise
})

it('a download is read no faster than its reader takes it', async () => {
  let sent = 0
  await driver((_request, response) => {
    const chunk = Buffer.alloc(64 * 1024)
    const more = (): void => {
      while (sent < 64 * 1024 * 1024) {
        sent += chunk.length
        if (!response.write(chunk)) return void response.once('drain', more)
      }
      response.end()
    }
    more()
  })
  const response = await fetch(`${url}/api/runs/1/export`)
  const reader = response.body!.getReader()
  await reader.read()
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(sent).toBeLessThan(32 * 1024 * 1024)
  let got = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    got += value.length
  }
  expect(got).toBeGreaterThan(63 * 1024 * 1024)
})

it('when nobody drives, or cannot be reached, nothing was done, and it says when to ask again', async () => {
  const nobody = await fetch(`${url}/api/runs`, { method: 'POST', body: '{}' })
  expect(nobody.status).toBe(503)
  expect(nobody.headers.get('retry-after')).toBe('2')
  expect(await codeOf(nobody)).toBe('NOBODY_DRIVES')
  const gone = await driver(() => {})
  forwarder.driver({ ...gone, id: 'drive-2', address: '127.0.0.1:1' })
  expect(await codeOf(await fetch(`${url}/api/runs`, { method: 'POST', body: '{}' }))).toBe(
    'NOBODY_DRIVES',
  )
})

it('a change whose answer was lost may have happened, and is not to be asked for again by itself', async () => {
  await driver((request) => request.socket.destroy())
  const response = await fetch(`${url}/api/runs`, { method: 'POST', body: '{}' })
  expect(response.status).toBe(502)
  expect(response.headers.get('retry-after')).toBeNull()
  expect(await codeOf(response)).toBe('ANSWER_LOST')
  expect(await codeOf(await fetch(`${url}/api/runs`))).toBe('NOBODY_DRIVES')
})

it('what waits for one that is frozen is cut when another drives', async () => {
  const frozen = await driver(() => {})
  const waiting = fetch(`${url}/api/runs`)
  await new Promise((resolve) => setTimeout(resolve, 100))
  forwarder.driver({ ...frozen, id: 'drive-2' })
  expect((await waiting).status).toBe(503)
})

it('one that is frozen does not keep who asks how we are waiting', async () => {
  await driver(() => {})
  expect((await fetch(`${url}/api/health`)).status).toBe(503)
}, 15_000)

it('a connection that was kept and closed meanwhile is no reason to refuse', async () => {
  await driver((_request, response) => response.end('first'))
  expect(await (await fetch(`${url}/a`)).text()).toBe('first')
  let asked = 0
  listener = (request, response) => {
    asked++
    if (asked === 1) request.socket.destroy()
    else response.end('second')
  }
  expect(await (await fetch(`${url}/b`)).text()).toBe('second')
})

it('what another server hands on is not handed on again', async () => {
  let asked = 0
  await driver((_request, response) => {
    asked++
    response.end()
  })
  const response = await fetch(`${url}/api/runs`, { headers: { [PEER_HEADER]: 'anything' } })
  expect(await codeOf(response)).toBe('NOT_DRIVING')
  expect(asked).toBe(0)
})

it('over TLS only the certificate that was announced is spoken to', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'om-forward-'))
  const tlsIn = (name: string) =>
    openTls(
      { kind: 'selfMade' },
      { dataDir: join(folder, name), host: '127.0.0.1', now: () => Date.now() },
    )
  const [own, other] = [await tlsIn('own'), await tlsIn('other')]
  rmSync(folder, { recursive: true, force: true })
  let asked = 0
  const driving = await driver((_request, response) => {
    asked++
    response.end('yes')
  }, own)
  expect(await (await fetch(`${url}/a`)).text()).toBe('yes')
  expect(await (await fetch(`${url}/b`)).text()).toBe('yes')
  forwarder.driver({ ...driving, id: 'drive-2', fingerprint: other.fingerprint })
  for (const method of ['GET', 'POST']) {
    const response = await fetch(`${url}/c`, { method })
    expect(await codeOf(response)).toBe('NOBODY_DRIVES')
  }
  expect(asked).toBe(2)
})
