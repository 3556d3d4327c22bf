import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer as createNetServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { settingsRoutes } from '@omserver/api'
import { type Engine, embeddedEngine } from '@omserver/engine'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createServer, type Server } from './server.ts'
import type { ServerOptions } from './server-options.ts'
import { startTestServer } from './testing/test-server.ts'

let dataDir: string
let engine: Engine
const started: Server[] = []
const start = async (options: Partial<ServerOptions> = {}): Promise<Server> => {
  const server = await createServer({ dataDir, engine, port: 0, ...options })
  started.push(server)
  return server
}

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'om-start-'))
  engine = embeddedEngine()
})
afterEach(async () => {
  for (const server of started.splice(0)) await server.close()
  await engine.close()
  rmSync(dataDir, { recursive: true, force: true })
})

it('listens on loopback, and tells who may sign in first', async () => {
  const server = await start()
  expect(await server.listen()).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(server.firstAdmin).toMatchObject({ name: 'admin', password: expect.any(String) })
})

it('keeps its files to itself, and does not lock others out of a folder that is theirs', async () => {
  const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8)
  chmodSync(dataDir, 0o1777)
  writeFileSync(join(dataDir, 'of-somebody-else'), '')
  const server = await start()
  expect(modeOf(dataDir)).toBe('1777')
  expect(modeOf(join(dataDir, 'omserver.db'))).toBe('600')
  expect(modeOf(join(dataDir, 'omserver.db-wal'))).toBe('600')
  await server.close()
  await start()
  expect(modeOf(dataDir)).toBe('1777')
  const own = join(dataDir, 'own')
  mkdirSync(own, { mode: 0o755 })
  await start({ dataDir: own })
  expect(modeOf(own)).toBe('700')
})

it('does not open beyond loopback without TLS, unless that is allowed by name', async () => {
  await expect(start({ host: '0.0.0.0' })).rejects.toMatchObject({
    code: 'TLS_REQUIRED',
    details: { host: '0.0.0.0' },
  })
  const server = await start({ host: '0.0.0.0', allowHttp: true })
  await server.listen()
})

it('says that its port is taken', async () => {
  const other = createNetServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  const server = await start({ port })
  await expect(server.listen()).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    details: { host: '127.0.0.1', port },
  })
  other.close()
})

it('refuses a data folder that another server uses, until that one has closed', async () => {
  const first = await start()
  await expect(start()).rejects.toMatchObject({ code: 'DATA_FOLDER_IN_USE' })
  await first.close()
  await start()
})

it('does not start when the key of what is sealed is gone', async () => {
  const test = await startTestServer({ dataDir, engine })
  const { credentialRoutes } = await import('@omserver/api')
  await test.admin.call(credentialRoutes.add, {
    body: { name: 'lab', type: 'password', user: 'root', password: 'hunter2hunter2' },
  })
  await test.server.close()
  rmSync(join(dataDir, 'secret.key'))
  await expect(start()).rejects.toMatchObject({
    code: 'KEY_FILE_MISSING',
    details: { file: join(dataDir, 'secret.key') },
  })
})

it('is not ready while the engine does not answer', async () => {
  const test = await startTestServer({ dataDir, engine })
  await engine.ensure('sz')
  expect(await test.stranger.call(settingsRoutes.health, {})).toMatchObject({
    status: 'degraded',
    problems: [expect.stringContaining('No controller is present in IDC sz')],
  })
  await engine.close()
  await expect(test.stranger.call(settingsRoutes.health, {})).rejects.toMatchObject({
    code: 'NOT_READY',
    status: 503,
    text: { zh: expect.stringContaining('机房 sz') },
  })
  await test.server.close()
})
