// Server and controllers apart: a real nats-server with mutual TLS and an account per IDC, made by `om pki`, and real
// sshd hosts. What dies, what is cut, who may read what.

import { X509Certificate } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { activityRoutes, controllerRoutes, runRoutes } from '@omserver/api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ControllerProcess, startController } from './support/controller.ts'
import { addHosts, addKey } from './support/lab-hosts.ts'
import { begunIn, leavesMark } from './support/marks.ts'
import { type NatsAccounts, startNatsAccounts } from './support/nats-accounts.ts'
import { type OmServer, startOmServer } from './support/omserver.ts'
import { type Sshd, startSshd } from './support/sshd.ts'

const HOSTS = 24
const SECRET = 'the-password-nobody-may-read'
const soon = { timeout: 90_000, interval: 200 }

let nats: NatsAccounts
let server: OmServer
let sshd: Sshd
let folder: string
const controllers = new Map<string, ControllerProcess>()

/** Whoever is killed is missed soon. */
const startServer = (again: { readonly dataDir?: string; readonly port?: number } = {}) =>
  startOmServer({
    ...again,
    command: 'server',
    args: ['--pki', join(nats.dir, 'web')],
    env: { OM_LEASE: '8s' },
  })

const start = async (name: string, idc: string): Promise<ControllerProcess> => {
  const controller = await startController(name, idc, { identity: join(nats.dir, name) })
  controllers.set(name, controller)
  return controller
}

interface Listed {
  readonly name: string
  readonly state: string
  readonly enrolled: { readonly how: string } | null
}

const listed = async (name: string): Promise<Listed | undefined> => {
  const { items } = (await server.om(['controllers', '--json'])).json<{ items: Listed[] }>()
  return items.find((one) => one.name === name)
}
const stateOf = async (name: string) => (await listed(name))?.state

const shell = (selector: string, command: string, ...more: readonly string[]) =>
  server.om([
    'run',
    'shell',
    '-t',
    selector,
    '-p',
    `command=${command}`,
    '--yes',
    '--json',
    ...more,
  ])

const launched = async (selector: string, command: string): Promise<string> =>
  (await shell(selector, command, '--detach')).json<{ id: string }>().id

const ended = async (id: string) =>
  (await server.om(['runs', 'follow', id, '--json'])).events().at(-1) as {
    status: string
    counts: Record<string, number>
  }

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'om-e2e-apart-'))
  sshd = await startSshd({ config: ['MaxStartups 200'] })
  nats = await startNatsAccounts('nats-server', [
    ['server', 'web'],
    ['controller', 'a1', 'idc-a'],
    ['controller', 'a2', 'idc-a'],
    ['controller', 'b1', 'idc-b'],
  ])
  server = await startServer()
  const client = await server.client()
  await addKey(client, 'lab', sshd.user, sshd.key.privateKey)
  const hosts = Array.from({ length: HOSTS }, (_, n) => ({
    name: `${n % 2 === 0 ? 'a' : 'b'}-${n}`,
    labels: { idc: n % 2 === 0 ? 'idc-a' : 'idc-b' },
  }))
  await addHosts(client, sshd, hosts)
})
afterAll(async () => {
  for (const one of controllers.values()) await one.kill('SIGKILL')
  await server?.remove()
  await nats?.stop()
  await sshd?.stop()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

test('a run waits for a controller that can open it, says so, and begins when one shows its certificate', async () => {
  const id = await launched('idc=idc-a', 'echo early')
  const client = await server.client()
  const detail = () => client.call(runRoutes.show, { params: { id } })
  await expect
    .poll(async () => (await detail()).waitsFor.map(({ idc }) => idc), soon)
    .toEqual(['idc-a'])
  const a1 = await start('a1', 'idc-a')
  await a1.connected()
  expect(a1.printed()).toContain('enrols it by its certificate')
  expect((await ended(id)).counts).toMatchObject({ ok: HOSTS / 2 })
  expect((await detail()).waitsFor).toEqual([])
  expect(await listed('a1')).toMatchObject({ state: 'online', enrolled: { how: 'certificate' } })
  const { items } = await client.call(activityRoutes.list, { query: { what: 'controllers' } })
  const shown = new X509Certificate(readFileSync(nats.tlsOf('a1').certFile))
  expect(items).toMatchObject([
    {
      what: 'controllers.enroll',
      subject: 'a1',
      actorName: 'system',
      after: {
        idc: 'idc-a',
        certificate: { serial: shown.serialNumber.toLowerCase(), generation: 1 },
      },
    },
  ])
})

test('every IDC has its part done by its own controllers', async () => {
  const b1 = await start('b1', 'idc-b')
  await b1.connected()
  const result = await shell('*', 'echo hello')
  expect(result.events().at(-1)).toMatchObject({ status: 'succeeded', counts: { ok: HOSTS } })
  expect(result.code).toBe(0)
})

test('what nats-server has stored says nothing: no command, no parameter, no output, no secret', async () => {
  const client = await server.client()
  const run = await client.call(runRoutes.launch, {
    body: {
      module: 'shell',
      params: { command: 'echo marked-by-its-author; echo nothing-to-see' },
      selector: '*',
      confirmHosts: HOSTS,
      runAs: { user: sshd.user, method: 'sudo', password: SECRET },
    },
  })
  await ended(run.id)
  const store: Buffer[] = []
  const read = (place: string): void => {
    for (const entry of readdirSync(place, { withFileTypes: true })) {
      if (entry.isDirectory()) read(join(place, entry.name))
      else store.push(readFileSync(join(place, entry.name)))
    }
  }
  read(nats.store)
  const all = Buffer.concat(store)
  expect(all.length).toBeGreaterThan(10_000)
  // The subjects are there, so it is the right place that was looked at.
  expect(all.includes(run.id) || all.includes('om_log_idc-a') || all.includes('om.idc')).toBe(true)
  for (const word of [
    'marked-by-its-author',
    'nothing-to-see',
    SECRET,
    'PRIVATE KEY',
    '"command"',
  ]) {
    expect(all.includes(word), word).toBe(false)
  }
})

test('a controller that is killed: what it had started is lost, the rest runs on another, once', async () => {
  const a2 = await start('a2', 'idc-a')
  await a2.connected()
  const place = join(folder, 'killed')
  mkdirSync(place)
  const { id } = (
    await shell(
      'idc=idc-a',
      leavesMark(place, 'sleep 3; echo done'),
      '--concurrency',
      '3',
      '--detach',
    )
  ).json<{ id: string }>()
  await expect.poll(() => begunIn(place).length, soon).toBeGreaterThan(3)
  const client = await server.client()
  const { items } = await client.call(controllerRoutes.list, {})
  const busy = items.find(
    ({ idcs, presence }) => idcs.includes('idc-a') && (presence?.slices ?? 0) > 0,
  )
  const victim = controllers.get(busy?.name ?? 'a1')
  await victim?.kill('SIGKILL')
  const { counts } = await ended(id)
  expect((counts['ok'] ?? 0) + (counts['lost'] ?? 0)).toBe(HOSTS / 2)
  expect(counts['lost']).toBeLessThanOrEqual(3)
  const begun = begunIn(place)
  expect(new Set(begun).size).toBe(begun.length)
  if (victim) await (await start(victim.name, 'idc-a')).connected()
}, 180_000)

test('a command that goes on by itself outlives its controller, and the server: another follows it to its end', async () => {
  const place = join(folder, 'detached')
  mkdirSync(place)
  const command = leavesMark(
    place,
    `while [ ! -e ${join(folder, 'go')} ]; do sleep 0.2; done; echo whole`,
  )
  const { id } = (await shell('idc=idc-a', command, '--detach')).json<{ id: string }>()
  await expect.poll(() => begunIn(place).length, soon).toBe(HOSTS / 2)
  const busy = [...controllers.values()].filter(({ idc }) => idc === 'idc-a')
  for (const one of busy) await one.kill('SIGKILL')
  await server.kill('SIGKILL')
  server = await startServer({ dataDir: server.dataDir, port: server.port })
  for (const { name, idc } of busy) await (await start(name, idc)).connected()
  writeFileSync(join(folder, 'go'), '')
  expect(await ended(id)).toMatchObject({ status: 'succeeded', counts: { ok: HOSTS / 2 } })
  const said = await server.om(['runs', 'output', id])
  expect(said.stdout.match(/whole/g)?.length).toBeGreaterThan(0)
  expect(new Set(begunIn(place)).size).toBe(begunIn(place).length)
}, 180_000)

test('the server is killed: controllers go on, and what they did counts after the restart', async () => {
  const place = join(folder, 'server')
  const { id } = (
    await shell('*', leavesMark(place, 'sleep 2; echo done'), '--concurrency', '8', '--detach')
  ).json<{ id: string }>()
  await expect.poll(() => begunIn(place).length, soon).toBeGreaterThan(4)
  await server.kill('SIGKILL')
  const { dataDir, port } = server
  // All of it was handed out: nobody is needed for the rest.
  await expect.poll(() => begunIn(place).length, soon).toBe(HOSTS)
  server = await startServer({ dataDir, port })
  expect(await ended(id)).toMatchObject({ status: 'succeeded', counts: { ok: HOSTS } })
  const begun = begunIn(place)
  expect(new Set(begun).size).toBe(begun.length)
}, 180_000)

test('nats-server is killed in mid-run and comes back: every host ends once', async () => {
  const place = join(folder, 'nats')
  const { id } = (
    await shell('*', leavesMark(place, 'sleep 2; echo done'), '--concurrency', '6', '--detach')
  ).json<{ id: string }>()
  await expect.poll(() => begunIn(place).length, soon).toBeGreaterThan(3)
  await nats.kill()
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  await nats.start()
  const { counts } = await ended(id)
  expect((counts['ok'] ?? 0) + (counts['lost'] ?? 0)).toBe(HOSTS)
  const begun = begunIn(place)
  expect(new Set(begun).size).toBe(begun.length)
}, 180_000)

test('one that is drained takes nothing more, and one that is revoked is believed nothing more', async () => {
  expect((await server.om(['controllers', 'drain', 'b1'])).code).toBe(0)
  await expect.poll(() => stateOf('b1'), soon).toBe('draining')
  const id = await launched('idc=idc-b', 'echo later')
  const client = await server.client()
  const detail = () => client.call(runRoutes.show, { params: { id } })
  await expect.poll(async () => (await detail()).waitsFor.length, soon).toBe(1)
  expect((await detail()).counts.queued).toBe(HOSTS / 2)
  expect((await server.om(['controllers', 'resume', 'b1'])).code).toBe(0)
  expect((await ended(id)).counts).toMatchObject({ ok: HOSTS / 2 })
  expect((await server.om(['controllers', 'revoke', 'b1'])).code).toBe(0)
  // It still shows its certificate, which still is one of the CA.
  await new Promise((resolve) => setTimeout(resolve, 6_000))
  expect(await stateOf('b1')).toBe('revoked')
  const after = await launched('idc=idc-b', 'echo never')
  await expect
    .poll(async () => (await client.call(runRoutes.show, { params: { id: after } })).waitsFor, soon)
    .toMatchObject([{ idc: 'idc-b' }])
  expect((await server.om(['runs', 'abort', after])).code).toBe(0)
  expect((await ended(after)).counts).toMatchObject({ aborted: HOSTS / 2 })
}, 180_000)

test('a name that is issued anew is enrolled again, and waits for nobody', async () => {
  await controllers.get('b1')?.kill('SIGKILL')
  expect((await nats.pki('revoke', nats.dir, 'b1')).code).toBe(0)
  await nats.issue('controller', 'b1', 'idc-b')
  await nats.reload()
  await (await start('b1', 'idc-b')).connected()
  const result = await shell('idc=idc-b', 'echo again')
  expect(result.events().at(-1)).toMatchObject({ status: 'succeeded', counts: { ok: HOSTS / 2 } })
  await expect.poll(() => stateOf('b1'), soon).toBe('online')
}, 180_000)
