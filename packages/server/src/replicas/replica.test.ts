// Two servers on one database: one drives, the other hands on, and takes over.

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  activityRoutes,
  authRoutes,
  type Client,
  createClient,
  settingsRoutes,
  userRoutes,
} from '@omserver/api'
import { embeddedEngine } from '@omserver/engine'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseDatabaseUrl, type ServerPlace } from '../db/index.ts'
import { createServer } from '../server.ts'
import { type LeakyProxy, startLeakyProxy } from '../testing/leaky-proxy.ts'
import { databaseKind, databaseOf, dropDatabaseOf } from '../testing/test-database.ts'
import { adminPassword } from '../testing/test-server.ts'
import { createReplica, type Replica, type ReplicaOptions } from './replica.ts'

const soon = { timeout: 20_000, interval: 50 }
let home: string
let url: URL
let proxy: LeakyProxy
let open: Replica[]

const placeAt = (port: string): ServerPlace => {
  const other = new URL(url)
  other.port = port
  const place = parseDatabaseUrl(other.href)
  if (place.kind === 'sqlite') throw new Error('no server')
  return place
}
const folder = (name: string): string => join(home, name)

const openEngine = async () => embeddedEngine()

const start = async (
  name: string,
  options: Partial<ReplicaOptions> = {},
): Promise<{ readonly replica: Replica; readonly url: string }> => {
  const replica = await createReplica({
    dataDir: folder(name),
    place: placeAt(url.port),
    openEngine,
    adminPassword,
    port: 0,
    log: pino({ level: 'silent' }),
    ...options,
  })
  open.push(replica)
  return { replica, url: await replica.listen() }
}
/** As an operator brings it to another server. */
const copyKey = (from: string, to: string): void => {
  mkdirSync(folder(to), { recursive: true, mode: 0o700 })
  copyFileSync(join(folder(from), 'secret.key'), join(folder(to), 'secret.key'))
}
const signIn = async (baseUrl: string): Promise<Client> => {
  const client = createClient({ baseUrl, keepCookies: true })
  await client.call(authRoutes.login, { body: { name: 'admin', password: adminPassword } })
  return client
}
const health = async (baseUrl: string): Promise<number> =>
  (await fetch(`${baseUrl}/api/health`)).status

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'om-replicas-'))
  open = []
  const direct = await databaseOf(home)
  if (direct === undefined) return
  url = new URL(direct)
  proxy = await startLeakyProxy(url.hostname, Number(url.port))
})
afterEach(async () => {
  for (const replica of open) await replica.close()
  await proxy?.[Symbol.asyncDispose]()
  await dropDatabaseOf(home)
  rmSync(home, { recursive: true, force: true })
})

const suite = () => {
  it('the second one stands by, and answers by handing on', async () => {
    const a = await start('a')
    copyKey('a', 'b')
    const b = await start('b')
    expect(a.replica.state.kind).toBe('drives')
    expect(b.replica.state).toMatchObject({ kind: 'standsBy', driver: expect.any(String) })
    expect(await health(b.url)).toBe(200)
    const throughB = await signIn(b.url)
    await throughB.call(settingsRoutes.change, { body: { sessionHours: 7 } })
    const throughA = await signIn(a.url)
    expect((await throughA.call(settingsRoutes.read, {})).sessionHours).toBe(7)
    // Errors of the table come through as they are.
    await expect(createClient({ baseUrl: b.url }).call(userRoutes.list, {})).rejects.toMatchObject({
      code: 'NOT_SIGNED_IN',
    })
  })

  it('whoever calls the second one is known to the first by the own address, and a stranger is not believed', async () => {
    const a = await start('a')
    copyKey('a', 'b')
    const b = await start('b')
    const body = JSON.stringify({ name: 'admin', password: adminPassword })
    const send = (to: string, more: Readonly<Record<string, string>> = {}): Promise<number> =>
      new Promise((done, failed) => {
        const headers = { 'content-type': 'application/json', ...more }
        const options = { method: 'POST', localAddress: '127.0.0.9', headers }
        const asked = request(`${to}/api/auth/login`, options, (answer) => {
          answer.resume()
          done(answer.statusCode ?? 0)
        })
        asked.on('error', failed)
        asked.end(body)
      })
    expect(await send(b.url)).toBe(200)
    const client = await signIn(a.url)
    const { items } = await client.call(activityRoutes.list, { query: {} })
    expect(items.map(({ from }) => from)).toContain('127.0.0.9')
    expect(await send(a.url, { 'x-om-peer': 'e30.e30' })).toBe(403)
    expect(await send(b.url, { 'x-om-peer': 'e30.e30' })).toBe(503)
  })

  it('over TLS the one that drives is known by its certificate', async () => {
    await start('a', { tls: { kind: 'selfMade' } })
    copyKey('a', 'b')
    const b = await start('b')
    expect(await health(b.url)).toBe(200)
  })

  it('one with another key file, or none, is refused, and told what to copy', async () => {
    await start('a')
    const original = join(folder('a'), 'secret.key')
    await expect(start('b')).rejects.toMatchObject({
      code: 'KEY_FILE_OTHER',
      details: { file: join(folder('b'), 'secret.key'), original },
    })
    mkdirSync(folder('c'), { mode: 0o700 })
    const other = Buffer.alloc(32, 1).toString('base64')
    writeFileSync(join(folder('c'), 'secret.key'), other, { mode: 0o600 })
    await expect(start('c')).rejects.toMatchObject({ code: 'KEY_FILE_OTHER' })
  })

  it('one that is stopped hands over at once, and stands by when it is back', async () => {
    const a = await start('a')
    copyKey('a', 'b')
    const b = await start('b')
    await a.replica.close()
    await expect.poll(() => b.replica.state.kind, soon).toBe('drives')
    expect(await health(b.url)).toBe(200)
    const again = await start('a')
    expect(again.replica.state.kind).toBe('standsBy')
    expect(await health(again.url)).toBe(200)
  })

  it('one that loses its connection steps down when another has taken over, and writes nothing more', async () => {
    const a = await start('a', { place: placeAt(String(proxy.port)) })
    copyKey('a', 'b')
    const b = await start('b')
    const throughA = await signIn(a.url)
    proxy.shut()
    await expect.poll(() => b.replica.state.kind, soon).toBe('drives')
    const late = throughA.call(settingsRoutes.change, { body: { sessionHours: 9 } })
    await expect(late).rejects.toMatchObject({ status: 503 })
    proxy.open()
    await expect
      .poll(() => a.replica.state, soon)
      .toEqual({
        kind: 'standsBy',
        driver: expect.any(String),
      })
    const throughB = await signIn(b.url)
    expect((await throughB.call(settingsRoutes.read, {})).sessionHours).not.toBe(9)
    await expect.poll(() => health(a.url), soon).toBe(200)
    expect((await (await signIn(a.url)).call(settingsRoutes.read, {})).sessionHours).not.toBe(9)
  })

  it('a connection that is back at once costs nobody the lock', async () => {
    const a = await start('a', { place: placeAt(String(proxy.port)) })
    copyKey('a', 'b')
    const b = await start('b')
    proxy.shut()
    proxy.open()
    await expect.poll(() => health(a.url), soon).toBe(200)
    expect(a.replica.state.kind).toBe('drives')
    expect(b.replica.state.kind).toBe('standsBy')
  })

  it('while nobody drives it is said so, with the time to ask again; pages are there all the same', async () => {
    const webDir = folder('web')
    mkdirSync(join(webDir, 'assets'), { recursive: true })
    writeFileSync(join(webDir, 'index.html'), '<title>ours</title>')
    writeFileSync(join(webDir, 'assets/a-1.js'), 'ours()')
    const a = await start('a')
    copyKey('a', 'b')
    const b = await start('b', { webDir, openEngine: () => Promise.reject(new Error('no engine')) })
    // The one that drives has no pages.
    expect((await fetch(`${b.url}/runs`)).status).toBe(404)
    expect(await (await fetch(`${b.url}/assets/a-1.js`)).text()).toBe('ours()')
    await a.replica.close()
    await expect.poll(() => health(b.url), soon).toBe(503)
    const program = await fetch(`${b.url}/api/hosts`)
    expect(program.headers.get('retry-after')).toBe('2')
    expect(await program.json()).toMatchObject({ error: { code: 'NOBODY_DRIVES' } })
    expect(await (await fetch(`${b.url}/runs`)).text()).toContain('ours')
    expect(await (await fetch(`${b.url}/assets/a-1.js`)).text()).toBe('ours()')
    expect((await fetch(`${b.url}/assets/b-2.js`)).status).toBe(404)
  })

  it('a server that has the database for itself lets no other hand on to it', async () => {
    const alone = await createServer({
      dataDir: folder('a'),
      databaseUrl: url.href,
      engine: embeddedEngine(),
      adminPassword,
      port: 0,
      log: pino({ level: 'silent' }),
    })
    await alone.listen()
    copyKey('a', 'b')
    const b = await start('b')
    expect(await health(b.url)).toBe(503)
    await alone.close()
    await expect.poll(() => b.replica.state.kind, soon).toBe('drives')
  })
}

if (databaseKind() === 'sqlite') it('a file has one server', () => expect(proxy).toBeUndefined())
else describe('a database server', suite)
