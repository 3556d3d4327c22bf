// A server of HTTP on a port of its own, with a route for each thing that one can be asked, and a small web app.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { type Route, route } from '@omserver/api'
import { Problem } from '@omserver/core'
import { pino } from 'pino'
import { z } from 'zod'
import { permissionsOf } from '../../access/index.ts'
import { type Handler, handle, type SseEvent } from '../handler.ts'
import { createHttpServer, type HttpOptions } from '../http-server.ts'
import type { Authenticate } from '../identity.ts'

const summary = { zh: '测试', en: 'Test' }
const ok = z.object({ ok: z.literal(true) })

export const routes = {
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

export const yes = { ok: true } as const

/** What the handlers of the tests saw. */
export const seen = {
  flood: 0,
  foreverEnded: Promise.withResolvers<void>(),
  lastEventIds: [] as string[],
}

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

export const handlers: Handler[] = [
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

export const people = new Map<string, { role: 'admin' | 'viewer'; mustChangePassword: boolean }>([
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

/** What the server wrote to its log. */
export const logged: unknown[] = []
const log = pino({ level: 'error' }, { write: (line) => logged.push(JSON.parse(line)) })
export const optionsOf = (more: Partial<HttpOptions> = {}): HttpOptions => ({
  routes: Object.values(routes) as Route[],
  handlers,
  authenticate,
  log,
  newId: () => 'req-1',
  checkAnswers: true,
  heartbeatMs: 20,
  ...more,
})

export interface HttpTest {
  readonly url: string
  close(): Promise<void>
}

export const startHttp = async (): Promise<HttpTest> => {
  const web = mkdtempSync(join(tmpdir(), 'om-web-'))
  mkdirSync(join(web, 'assets'))
  writeFileSync(join(web, 'index.html'), '<!doctype html><title>OMServer</title>')
  writeFileSync(join(web, 'assets', 'main-abc123.js'), 'export {}')
  writeFileSync(join(web, 'assets', 'main-abc123.js.br'), brotliCompressSync('export {}'))
  const app = await createHttpServer(optionsOf({ webDir: web }))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return {
    url,
    close: async () => {
      await app.close()
      rmSync(web, { recursive: true, force: true })
    },
  }
}
