// An IDC with a nats-server of its own, a leaf node: what goes on there while the way to the hub is cut.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ControllerProcess, startController } from './support/controller.ts'
import { freePort } from './support/free-port.ts'
import { addHosts, addKey } from './support/lab-hosts.ts'
import { type Link, openLink } from './support/link.ts'
import { begunIn, leavesMark } from './support/marks.ts'
import { LEAVES_AT, type NatsAccounts, startNatsAccounts } from './support/nats-accounts.ts'
import type { NatsServer } from './support/nats-server.ts'
import { type OmServer, runOm, startOmServer } from './support/omserver.ts'
import { type Sshd, startSshd } from './support/sshd.ts'

const HOSTS = 30
const soon = { timeout: 60_000, interval: 200 }

let hub: NatsAccounts
let leaf: NatsServer
let wan: Link
let server: OmServer
let sshd: Sshd
let folder: string
const controllers: ControllerProcess[] = []

const start = async (name: string, idc: string, url: string): Promise<void> => {
  const env = { OM_NATS_URL: url }
  const one = await startController(name, idc, { identity: join(hub.dir, name), env })
  controllers.push(one)
  await one.connected()
}

const run = (selector: string, command: string, ...more: readonly string[]) => {
  const what = ['run', 'shell', '-t', selector, '-p', `command=${command}`]
  return server.om([...what, '--yes', '--json', ...more])
}

const ended = async (id: string) =>
  (await server.om(['runs', 'follow', id, '--json'])).events().at(-1) as {
    status: string
    counts: Record<string, number>
  }

interface Shown {
  readonly state: string
  readonly counts: Record<string, number>
}
const shown = async (id: string): Promise<Shown> =>
  (await server.om(['runs', 'show', id, '--json'])).json<Shown>()

const troublesOf = async (idc: string): Promise<number> => {
  const { idcs } = (await server.om(['controllers', '--json'])).json<{
    idcs: { idc: string; troubles: unknown[] }[]
  }>()
  return idcs.find((one) => one.idc === idc)?.troubles.length ?? 0
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'om-e2e-leaf-'))
  sshd = await startSshd({ config: ['MaxStartups 200'] })
  const leafPort = await freePort()
  hub = await startNatsAccounts(
    'nats-server',
    [
      ['server', 'web'],
      ['nats', 'sz-nats', 'sz'],
      ['controller', 's1', 'sz'],
      ['controller', 's2', 'sz'],
      ['controller', 'b1', 'bj'],
      ['client', 'wei', 'sz'],
    ],
    leafPort,
  )
  wan = await openLink(leafPort, LEAVES_AT, leafPort)
  leaf = await hub.startLeaf('sz', wan.port)
  server = await startOmServer({ command: 'server', args: ['--pki', join(hub.dir, 'web')] })
  const client = await server.client()
  await addKey(client, 'lab', sshd.user, sshd.key.privateKey)
  await addHosts(
    client,
    sshd,
    Array.from({ length: HOSTS }, (_, n) => ({
      name: `${n % 3 === 0 ? 'b' : 's'}-${n}`,
      labels: { idc: n % 3 === 0 ? 'bj' : 'sz' },
    })),
  )
  const here = leaf.url.replace('nats:', 'tls:')
  await Promise.all([start('s1', 'sz', here), start('s2', 'sz', here), start('b1', 'bj', hub.url)])
})
afterAll(async () => {
  for (const one of controllers) await one.kill('SIGKILL')
  await server?.remove()
  await leaf?.stop()
  wan?.close()
  await hub?.stop()
  await sshd?.stop()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

test('an IDC behind a leaf node and one at the hub have their parts of a run done', async () => {
  const result = await run('*', 'echo hello')
  expect(result.events().at(-1)).toMatchObject({ status: 'succeeded', counts: { ok: HOSTS } })
})

test('with the way to the hub cut, an IDC finishes what it was given; the others go on; the results arrive afterwards', async () => {
  const place = join(folder, 'cut')
  const given = (
    await run('idc=sz', leavesMark(place, 'sleep 1; echo done'), '--concurrency', '4', '--detach')
  ).json<{ id: string }>()
  await expect.poll(() => begunIn(place).length, soon).toBeGreaterThan(2)
  wan.freeze()
  await expect.poll(() => begunIn(place).length, soon).toBe((HOSTS / 3) * 2)
  // Nothing of that is known at the hub yet, and nothing is made up.
  const during = await shown(given.id)
  expect(during.state).toBe('running')
  expect(during.counts['ok'] ?? 0).toBeLessThan((HOSTS / 3) * 2)
  expect(during.counts['lost'] ?? 0).toBe(0)
  await expect.poll(() => troublesOf('sz'), soon).toBeGreaterThan(0)
  const elsewhere = await run('idc=bj', 'echo meanwhile')
  expect(elsewhere.events().at(-1)).toMatchObject({ counts: { ok: HOSTS / 3 } })
  wan.thaw()
  const end = await ended(given.id)
  expect(end).toMatchObject({ status: 'succeeded', counts: { ok: (HOSTS / 3) * 2 } })
  expect(new Set(begunIn(place)).size).toBe(begunIn(place).length)
  await expect.poll(() => troublesOf('sz'), soon).toBe(0)
})

test('a run that is launched while the IDC is out of reach waits, and begins when it is back', async () => {
  wan.freeze()
  const { id } = (await run('idc=sz', 'echo late', '--detach')).json<{ id: string }>()
  await expect.poll(() => troublesOf('sz'), soon).toBeGreaterThan(0)
  expect((await shown(id)).counts['ok'] ?? 0).toBe(0)
  wan.thaw()
  expect(await ended(id)).toMatchObject({ status: 'succeeded' })
})

test('an abort ends the hosts within reach at once; those of an IDC that is cut off end when the link is back', async () => {
  const place = join(folder, 'aborted')
  const { id } = (
    await run('*', leavesMark(place, 'sleep 30'), '--concurrency', '8', '--detach')
  ).json<{ id: string }>()
  await expect.poll(() => begunIn(place).length, soon).toBe(8)
  wan.freeze()
  await expect.poll(() => troublesOf('sz'), soon).toBeGreaterThan(0)
  expect((await server.om(['runs', 'abort', id])).code).toBe(0)
  await expect
    .poll(async () => (await shown(id)).counts['aborted'] ?? 0, { timeout: 10_000, interval: 200 })
    .toBe(HOSTS / 3)
  expect((await shown(id)).state).toBe('running')
  wan.thaw()
  const { status, counts } = await ended(id)
  expect(status).toBe('aborted')
  expect(counts['aborted']).toBe(HOSTS)
  expect(begunIn(place).length).toBeLessThan(HOSTS)
})
test('with the way to the hub cut, a client in the IDC begins a run, and the server hears of it afterwards', async () => {
  const allow = ['clients', 'allow', 'admin', '--idc', 'sz', '--client', 'wei']
  expect((await server.om(allow)).code).toBe(0)
  const books = async () =>
    (await server.om(['clients', '--json'])).json<{ books: { hosts: number }[] }>().books
  await expect.poll(books, soon).toMatchObject([{ hosts: (HOSTS / 3) * 2 }])
  wan.freeze()
  await expect.poll(() => troublesOf('sz'), soon).toBeGreaterThan(0)
  const here = leaf.url.replace('nats:', 'tls:')
  const result = await runOm(
    [
      ...['--direct', here, '--pki', join(hub.dir, 'wei')],
      ...['run', 'shell', '-t', '*', '-p', 'command=echo cut off', '--yes', '--json'],
    ],
    { home: folder, timeoutMs: 60_000 },
  )
  expect(result.stderr).toBe('')
  const last = result.events().at(-1) as { id: string }
  expect(last).toMatchObject({ status: 'succeeded', counts: { ok: (HOSTS / 3) * 2 } })
  expect(result.code).toBe(0)
  expect((await server.om(['runs', 'show', last.id])).code).toBe(2)
  wan.thaw()
  await expect
    .poll(async () => (await server.om(['runs', 'show', last.id, '--json'])).stdout, soon)
    .toContain('"succeeded"')
  expect((await server.om(['runs', 'show', last.id])).stdout).toContain(
    'in IDC sz by the client wei',
  )
}, 180_000)

test('the nats-server of an IDC is killed in mid-run and comes back: every host ends once', async () => {
  const place = join(folder, 'killed')
  const { id } = (
    await run('idc=sz', leavesMark(place, 'sleep 1'), '--concurrency', '4', '--detach')
  ).json<{ id: string }>()
  await expect.poll(() => begunIn(place).length, soon).toBeGreaterThan(3)
  await leaf.kill()
  await leaf.start()
  const end = await ended(id)
  expect(end.counts['ok']).toBe((HOSTS / 3) * 2)
  expect(new Set(begunIn(place)).size).toBe(begunIn(place).length)
})
