import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { ApiError, createClient, type Route, route } from '@omserver/api'
import { Problem } from '@omserver/core'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { permissionsOf } from '../access/index.ts'
import { type Handler, handle, type SseEvent } from './handler.ts'
import { createHttpServer, type HttpOptions } from './http-server.ts'
import type { Authenticate } from './identity.ts'
import { contentDisposition } from './send-file.ts'

const summary = { zh: '测试', en: 'Test' }
const ok = z.object({ ok: z.literal(true) })

const routes = {
  open: route({
    id: 't.open',
    method: 'POST',
    path: '/api/open',
    summary,
    may: 'public',
    answer: ok,
  }),
  echo: route({
    id: 't.echo',
    method: 'POST',
    path: '/api/echo/:name',
    summary,
    may: 'host.write',
    params: z.object({ name: z.string() }),
    query: z.object({ n: z.coerce.number().int().min(1).default(1) }),
    body: z.object({ text: z.string().max(5), flag: z.boolean() }),
    answer: z.object({ name: z.string(), n: z.number(), text: z.string() }),
    bodyLimit: 2000,
  }),
  read: route({
    id: 't.read',
    method: 'GET',
    path: '/api/read',
    summary,
    may: 'signedIn',
    answer: ok,
  }),
  fail: route({
    id: 't.fail',
    method: 'GET',
    path: '/api/fail',
    summary,
    may: 'public',
    query: z.object({ how: z.enum(['problem', 'undeclared', 'crash', 'leak', 'wrong']) }),
    answer: ok,
    errors: ['HOST_UNKNOWN'],
  }),
  big: route({
    id: 't.big',
    method: 'GET',
    path: '/api/big',
    summary,
    may: 'public',
    answer: z.array(z.string()),
  }),
  file: route({
    id: 't.file',
    method: 'GET',
    path: '/api/file',
    summary,
    may: 'public',
    answer: z.string(),
    answerKind: 'file',
    mediaType: 'text/plain',
  }),
  events: route({
    id: 't.events',
    method: 'GET',
    path: '/api/events',
    summary,
    may: 'signedIn',
    query: z.object({ kind: z.enum(['three', 'forever', 'flood', 'refused', 'breaks']) }),
    answer: z.object({ n: z.number() }),
    answerKind: 'events',
    errors: ['RUN_UNKNOWN'],
  }),
}

const yes = { ok: true } as const

/** What the handlers of the tests saw. */
const seen = { flood: 0, foreverEnded: Promise.withResolvers<void>(), lastEventIds: [] as string[] }

async function* three(after: number): AsyncGenerator<SseEvent> {
  for (let n = after + 1; n <= 3; n += 1) yield { id: String(n), data: { n } }
}
async function* forever(signal: AbortSignal): AsyncGenerator<SseEvent> {
  yield { id: '1', data: { n: 1 } }
  await new Promise((resolve) => signal.addEventListener('abort', resolve))
  seen.foreverEnded.resolve()
}
async function* flood(): AsyncGenerator<SseEvent> {
  for (;;) {
    seen.flood += 1
    yield { json: `{"n":${seen.flood},"pad":"${'x'.repeat(64 * 1024)}"}`, data: undefined }
  }
}
/** Breaks off after each event, as a lost connection does. */
async function* breaking(after: number): AsyncGenerator<SseEvent> {
  if (after >= 3) return
  yield { id: String(after + 1), data: { n: after + 1 } }
  throw new Error('cut')
}

const handlers: Handler[] = [
  handle(routes.open, async () => yes),
  handle(routes.echo, async ({ params, query, body }) => ({
    name: params.name,
    n: query.n,
    text: body.text,
  })),
  handle(routes.read, async () => yes),
  handle(routes.fail, async ({ query }) => {
    if (query.how === 'undeclared') throw new Problem('RUN_UNKNOWN', { run: '1' })
    if (query.how === 'problem') throw new Problem('HOST_UNKNOWN', { host: 'web-1' })
    if (query.how === 'crash') throw new Error('secret detail')
    if (query.how === 'leak') return { ok: true, passwordHash: 'x' } as { ok: true }
    return { ok: false } as unknown as { ok: true }
  }),
  handle(routes.big, async () => Array.from({ length: 5000 }, () => 'the same again')),
  handle(routes.file, async () => ({
    fileName: '输出 "web-1".txt',
    chunks: ['第一', '', new TextEncoder().encode('second')],
  })),
  handle(routes.events, async ({ query, request, signal }) => {
    const last = String(request.headers['last-event-id'] ?? '')
    seen.lastEventIds.push(last)
    switch (query.kind) {
      case 'three':
        return three(Number(last))
      case 'forever':
        return forever(signal)
      case 'flood':
        return flood()
      case 'breaks':
        return breaking(Number(last))
      case 'refused':
        throw new Problem('RUN_UNKNOWN', { run: 'r1' })
    }
  }),
]

const people = new Map<string, { role: 'admin' | 'viewer'; mustChangePassword: boolean }>([
  ['root', { role: 'admin', mustChangePassword: false }],
  ['eve', { role: 'viewer', mustChangePassword: false }],
  ['new', { role: 'admin', mustChangePassword: true }],
])

/** `cookie: session=NAME` or `Bearer NAME`; the CSRF token is `csrf-NAME`. */
const authenticate: Authenticate = async ({ headers, ip }) => {
  const bearer = headers.authorization?.replace('Bearer ', '')
  const name = bearer ?? headers.cookie?.replace('session=', '')
  if (name === undefined) return undefined
  const person = people.get(name)
  if (!person) throw new Problem('SESSION_EXPIRED')
  return {
    actor: {
      id: name,
      name,
      role: person.role,
      permissions: permissionsOf(person.role),
      grants: [],
      via: bearer ? 'token:t' : 'session',
      from: ip,
    },
    csrf: bearer ? null : `csrf-${name}`,
    only: person.mustChangePassword ? 'passwordOrToken' : undefined,
  }
}

let web: string
let app: FastifyInstance
let url: string
const logged: unknown[] = []
const log = pino({ level: 'error' }, { write: (line) => logged.push(JSON.parse(line)) })
const optionsOf = (more: Partial<HttpOptions> = {}): HttpOptions => ({
  routes: Object.values(routes) as Route[],
  handlers,
  authenticate,
  log,
  newId: () => 'req-1',
  checkAnswers: true,
  heartbeatMs: 20,
  ...more,
})

beforeAll(async () => {
  web = mkdtempSync(join(tmpdir(), 'om-web-'))
  mkdirSync(join(web, 'assets'))
  writeFileSync(join(web, 'index.html'), '<!doctype html><title>OMServer</title>')
  writeFileSync(join(web, 'assets', 'main-abc123.js'), 'export {}')
  writeFileSync(join(web, 'assets', 'main-abc123.js.br'), brotliCompressSync('export {}'))
  app = await createHttpServer(optionsOf({ webDir: web }))
  url = await app.listen({ port: 0, host: '127.0.0.1' })
})
afterAll(async () => {
  await app.close()
  rmSync(web, { recursive: true, force: true })
})

const echo = (headers: Record<string, string>, body: unknown = { text: 'hi', flag: true }) =>
  fetch(`${url}/api/echo/a%2Fb?n=3`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
interface ErrorBody {
  readonly error: {
    readonly code: string
    readonly details: {
      readonly issues: readonly { readonly path: string }[]
      readonly problems: { readonly zh: string; readonly en: string }
    }
  }
}
const errorOf = async (response: Response) => ((await response.json()) as ErrorBody).error
const codeOf = async (response: Response) => (await errorOf(response)).code
const rooted = { cookie: 'session=root', 'x-om-csrf': 'csrf-root' }

describe('who may', () => {
  it('denies whoever shows no identity, a wrong one, or lacks the permission', async () => {
    const cases: [Record<string, string>, number, string][] = [
      [{}, 401, 'NOT_SIGNED_IN'],
      [{ cookie: 'session=gone' }, 401, 'SESSION_EXPIRED'],
      [{ cookie: 'session=eve', 'x-om-csrf': 'csrf-eve' }, 403, 'FORBIDDEN'],
      [{ cookie: 'session=new', 'x-om-csrf': 'csrf-new' }, 403, 'MUST_CHANGE_PASSWORD'],
    ]
    for (const [headers, status, code] of cases) {
      const response = await echo(headers)
      expect([response.status, await codeOf(response)]).toEqual([status, code])
    }
  })

  it('refuses a change by cookie without the CSRF token of that session', async () => {
    for (const csrf of [undefined, '', 'csrf-eve', 'csrf-root2']) {
      const response = await echo({
        cookie: 'session=root',
        ...(csrf ? { 'x-om-csrf': csrf } : {}),
      })
      expect([response.status, await codeOf(response)]).toEqual([403, 'CSRF'])
    }
    expect((await echo(rooted)).status).toBe(200)
  })

  it('asks no CSRF token of an API token', async () => {
    expect((await echo({ authorization: 'Bearer root' })).status).toBe(200)
  })

  it('refuses a change that a page of another origin asks for, even where no identity is needed', async () => {
    const post = (origin: string) =>
      fetch(`${url}/api/open`, { method: 'POST', headers: { origin } })
    expect(await codeOf(await post('https://evil.example'))).toBe('CSRF')
    expect(await codeOf(await post('null'))).toBe('CSRF')
    expect((await post(url)).status).toBe(200)
  })

  it('refuses before it reads the body', async () => {
    const response = await echo({}, 'x'.repeat(1_500_000))
    expect(await codeOf(response)).toBe('NOT_SIGNED_IN')
  })
})

describe('input', () => {
  it('hands on what the schemas made of it', async () => {
    const response = await echo(rooted)
    expect(await response.json()).toEqual({ name: 'a/b', n: 3, text: 'hi' })
  })

  it('names every part that does not fit, in both languages', async () => {
    const response = await echo(rooted, { text: 'too long', flag: 'yes' })
    expect(response.status).toBe(400)
    const error = await errorOf(response)
    expect(error.code).toBe('INPUT_INVALID')
    expect(error.details.issues.map(({ path }) => path)).toEqual(['body.text', 'body.flag'])
    expect(error.details.problems.zh).toMatch(/body\.text：.*\p{Script=Han}/u)
    expect(error.details.problems.en).toMatch(/body\.text: .*body\.flag: /)
  })

  it('says what is wrong with a body that is no JSON, of another type, or too large', async () => {
    expect(await codeOf(await echo(rooted, '{"text":'))).toBe('INPUT_INVALID')
    expect(await codeOf(await echo(rooted, '{"__proto__":{"flag":true}}'))).toBe('INPUT_INVALID')
    const deep = '['.repeat(900) + ']'.repeat(900)
    expect(await codeOf(await echo(rooted, deep))).toBe('INPUT_INVALID')
    expect(await codeOf(await echo({ ...rooted, 'content-type': 'text/xml' }, '<a/>'))).toBe(
      'MEDIA_TYPE',
    )
    const large = await echo(rooted, { text: 'x'.repeat(3000), flag: true })
    expect(large.status).toBe(413)
    expect(await errorOf(large)).toMatchObject({
      code: 'BODY_TOO_LARGE',
      details: { limit: 2000 },
    })
  })
})

describe('errors', () => {
  it('answers a problem with its row of the table', async () => {
    const response = await fetch(`${url}/api/fail?how=problem`)
    expect(response.status).toBe(404)
    expect(await errorOf(response)).toMatchObject({
      code: 'HOST_UNKNOWN',
      details: { host: 'web-1' },
    })
  })

  it('finds, where answers are checked, a problem that the route does not declare', async () => {
    logged.length = 0
    const response = await fetch(`${url}/api/fail?how=undeclared`)
    expect(response.status).toBe(500)
    expect(JSON.stringify(logged)).toContain('t.fail throws RUN_UNKNOWN, which it does not declare')
  })

  it('keeps an error that nobody foresaw in the log, and gives a reference to it', async () => {
    logged.length = 0
    const response = await fetch(`${url}/api/fail?how=crash`)
    const text = await response.text()
    expect(response.status).toBe(500)
    expect(text).not.toContain('secret detail')
    expect(JSON.parse(text).error).toMatchObject({ code: 'INTERNAL', details: { ref: 'req-1' } })
    expect(logged).toMatchObject([{ ref: 'req-1', err: { message: 'secret detail' } }])
  })

  it('finds answers that are not what the route declares', async () => {
    for (const how of ['leak', 'wrong']) {
      expect(await codeOf(await fetch(`${url}/api/fail?how=${how}`))).toBe('INTERNAL')
    }
  })

  it('knows what is not there', async () => {
    for (const path of ['/api/nothing', '/api/echo/%zz', '/%c0%af']) {
      const response = await fetch(url + path)
      expect(response.status).toBe(404)
      expect(await errorOf(response)).toMatchObject({ code: 'NOT_FOUND' })
    }
  })
})

it('does not start with a route that nobody serves, or a handler of no route', async () => {
  await expect(createHttpServer(optionsOf({ handlers: handlers.slice(1) }))).rejects.toThrow(
    'not served: t.open',
  )
  await expect(
    createHttpServer(optionsOf({ handlers: [...handlers, handlers[0]!] })),
  ).rejects.toThrow('served twice: t.open')
  const stray = handle(route({ ...routes.open, id: 't.stray' }), async () => yes)
  await expect(createHttpServer(optionsOf({ handlers: [...handlers, stray] }))).rejects.toThrow(
    'not in the contract: t.stray',
  )
})

describe('files and pages', () => {
  it('streams a download under its name', async () => {
    const response = await fetch(`${url}/api/file`)
    expect(await response.text()).toBe('第一second')
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="__ _web-1_.txt"; filename*=UTF-8''%E8%BE%93%E5%87%BA%20%22web-1%22.txt`,
    )
  })

  it('keeps line breaks and folders out of a file name', () => {
    expect(contentDisposition('a\r\nset-cookie: x/../b')).toBe(
      `attachment; filename="a__set-cookie: x_.._b"; filename*=UTF-8''a__set-cookie%3A%20x_.._b`,
    )
  })

  it('serves the page for every address of the web app, and hashed files for ever', async () => {
    for (const path of ['/', '/runs/0192']) {
      const page = await fetch(url + path)
      expect(await page.text()).toContain('<title>OMServer')
      expect(page.headers.get('cache-control')).toBe('no-cache')
    }
    const asset = await fetch(`${url}/assets/main-abc123.js`, {
      headers: { 'accept-encoding': 'br' },
    })
    expect(asset.headers.get('cache-control')).toContain('immutable')
    expect(asset.headers.get('content-encoding')).toBe('br')
    expect(await asset.text()).toBe('export {}')
    expect((await fetch(`${url}/assets/main-old.js`)).status).toBe(404)
    expect((await fetch(`${url}/..%2f..%2fetc/passwd.txt`)).status).toBe(404)
  })

  it('serves the page of a host whose name ends like a file to a browser, and to nobody else', async () => {
    const asked = (accept: string) => fetch(`${url}/hosts/db.example`, { headers: { accept } })
    expect(await (await asked('text/html,*/*;q=0.8')).text()).toContain('<title>OMServer')
    expect((await asked('*/*')).status).toBe(404)
    const asset = await fetch(`${url}/assets/main-old.js`, { headers: { accept: 'text/html' } })
    expect(asset.status).toBe(404)
  })

  it('takes a way out of its folder for an address that is not there, and logs nothing', async () => {
    logged.length = 0
    const { promise, resolve } = Promise.withResolvers<number | undefined>()
    const { hostname, port } = new URL(url)
    httpRequest({ hostname, port, path: '/../package.json' }, ({ statusCode }) =>
      resolve(statusCode),
    ).end()
    expect(await promise).toBe(404)
    expect(logged).toEqual([])
  })

  it('compresses what is large', async () => {
    const response = await fetch(`${url}/api/big`, { headers: { 'accept-encoding': 'br' } })
    expect(response.headers.get('content-encoding')).toBe('br')
    expect(await response.json()).toHaveLength(5000)
  })

  it('sends the headers that protect a browser with every answer', async () => {
    for (const path of ['/', '/api/read', '/api/nothing', '/api/docs', '/api/openapi.json']) {
      const { headers } = await fetch(url + path)
      expect(headers.get('content-security-policy')).toMatch(/script-src 'self';/)
      expect(headers.get('content-security-policy')).not.toContain('unsafe-eval')
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('strict-transport-security')).toBeNull()
    }
  })

  it('shows the contract without any script', async () => {
    const page = await (await fetch(`${url}/api/docs`)).text()
    expect(page).toContain('/api/echo/{name}')
    expect(page).not.toContain('<script')
    // Else a browser asks for one that is not there.
    expect(page).toContain('<link rel="icon" href="/favicon.svg"')
  })
})

describe('events', () => {
  const client = () => createClient({ baseUrl: url, token: 'root' })
  const kind = (name: z.input<typeof routes.events.query>['kind']) => ({ query: { kind: name } })

  it('ends when the server says so', async () => {
    const numbers: number[] = []
    for await (const event of client().events(routes.events, kind('three'))) {
      numbers.push(event.data.n)
    }
    expect(numbers).toEqual([1, 2, 3])
  })

  it('goes on after the last event when the connection breaks', async () => {
    seen.lastEventIds = []
    const numbers: number[] = []
    const states: string[] = []
    const events = client().events(routes.events, {
      ...kind('breaks'),
      onState: (state) => states.push(state),
    })
    for await (const event of events) numbers.push(event.data.n)
    expect(numbers).toEqual([1, 2, 3])
    expect(seen.lastEventIds).toEqual(['', '1', '2', '3'])
    expect(states).toEqual(['open', 'lost', 'open', 'lost', 'open', 'lost', 'open'])
  })

  it('answers a refusal as an error, before anything is streamed', async () => {
    const events = client().events(routes.events, kind('refused'))
    const error = await events.next().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ code: 'RUN_UNKNOWN', status: 404 })
  })

  it('tells the handler when the reader is gone', async () => {
    const events = client().events(routes.events, kind('forever'))
    expect((await events.next()).value?.data).toEqual({ n: 1 })
    await events.return()
    await seen.foreverEnded.promise
  })

  it('shows signs of life while nothing happens, uncompressed', async () => {
    const stop = new AbortController()
    const response = await fetch(`${url}/api/events?kind=forever`, {
      headers: { authorization: 'Bearer root' },
      signal: stop.signal,
    })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    expect(response.headers.get('content-encoding')).toBeNull()
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    let text = ''
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk
      if (text.includes('\n\n: \n\n')) break
    }
    stop.abort()
  })

  it('ends the stream of a session that is revoked', async () => {
    people.set('gone', { role: 'viewer', mustChangePassword: false })
    const events = createClient({ baseUrl: url, token: 'gone' }).events(
      routes.events,
      kind('forever'),
    )
    await events.next()
    people.delete('gone')
    await expect(events.next()).rejects.toMatchObject({ code: 'SESSION_EXPIRED' })
  })

  it('makes no more events than a slow reader takes', async () => {
    seen.flood = 0
    const response = Promise.withResolvers<import('node:http').IncomingMessage>()
    const request = httpRequest(
      `${url}/api/events?kind=flood`,
      { headers: { authorization: 'Bearer root' } },
      response.resolve,
    )
    request.end()
    const stream = await response.promise
    stream.pause()
    // Wait until the count stands still: what the buffers of both ends hold has been made.
    let before = -1
    while (before !== seen.flood) {
      before = seen.flood
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
    expect(seen.flood).toBeGreaterThan(0)
    expect(seen.flood).toBeLessThan(400)
    stream.destroy()
  })

  it('lets the server close while streams are open', async () => {
    const other = await createHttpServer(optionsOf())
    const address = await other.listen({ port: 0, host: '127.0.0.1' })
    const events = createClient({ baseUrl: address, token: 'root' }).events(routes.events, {
      ...kind('forever'),
      retryForMs: 0,
    })
    await events.next()
    await other.close()
    await expect(events.next()).rejects.toThrow()
  })
})
