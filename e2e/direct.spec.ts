// Runs begun in an IDC without the server: a real nats-server with accounts, two controllers and real sshd hosts. The
// server is killed in the middle, and hears of everything when it is back.

import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { activityRoutes, runRoutes, settingsRoutes, userRoutes } from '@omserver/api'
import { type DirectSubmission, evaluateModule } from '@omserver/core'
import { type DirectClient, openDirectClient, type Signing, signingOf } from '@omserver/engine'
import { builtinModules } from '@omserver/modules'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ControllerProcess, startController } from './support/controller.ts'
import { addHosts, addKey } from './support/lab-hosts.ts'
import { begunIn, leavesMark } from './support/marks.ts'
import { type NatsAccounts, startNatsAccounts } from './support/nats-accounts.ts'
import { type OmResult, type OmServer, runOm, startOmServer } from './support/omserver.ts'
import { type Sshd, startSshd } from './support/sshd.ts'

const HOSTS = 12
const launcher = resolve(import.meta.dirname, '../packages/cli/bin/om.mjs')
const soon = { timeout: 90_000, interval: 200 }

let nats: NatsAccounts
let server: OmServer
let sshd: Sshd
let folder: string
const controllers = new Map<string, ControllerProcess>()

const start = async (name: string, idc: string): Promise<ControllerProcess> => {
  const controller = await startController(name, idc, { identity: join(nats.dir, name) })
  controllers.set(name, controller)
  return controller
}

/** As somebody in the IDC types it, on a machine that knows no server. */
const direct = (who: string, ...args: readonly string[]): Promise<OmResult> =>
  runOm(['--direct', nats.url, '--pki', join(nats.dir, who), ...args], {
    home: folder,
    env: { OM_URL: 'http://127.0.0.1:1', OM_TOKEN: 'none' },
    timeoutMs: 120_000,
  })

const shell = (who: string, selector: string, command: string, ...more: readonly string[]) =>
  direct(who, 'run', 'shell', '-t', selector, '-p', `command=${command}`, ...more)

const books = async (): Promise<readonly { idc: string; hosts: number; writtenAt: number }[]> =>
  (await server.om(['clients', '--json'])).json<{
    books: { idc: string; hosts: number; writtenAt: number }[]
  }>().books

/** What is begun now is checked against rights of no earlier time. */
const booksWritten = async (since: number): Promise<void> => {
  await expect
    .poll(async () => (await books()).every(({ writtenAt }) => writtenAt >= since), soon)
    .toBe(true)
}

const startServer = async (again?: OmServer): Promise<OmServer> =>
  startOmServer({
    command: 'server',
    args: ['--pki', join(nats.dir, 'web')],
    // Whoever is killed is missed soon.
    env: { OM_LEASE: '8s' },
    ...(again && { dataDir: again.dataDir, port: again.port }),
  })

/** Follows in a process of its own: its id is known while it runs. */
const begin = (who: string, selector: string, command: string, ...more: readonly string[]) => {
  const args = ['--direct', nats.url, '--pki', join(nats.dir, who), 'run', 'shell', '-t', selector]
  const child = spawn(launcher, [...args, '-p', `command=${command}`, '--yes', '--json', ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const id = Promise.withResolvers<string>()
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
    const found = /"type":"run.started","id":"([^"]+)"/.exec(printed)?.[1]
    if (found !== undefined) id.resolve(found)
  })
  const ended = once(child, 'close').then(([code]) => ({
    code: Number(code),
    events: printed
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  }))
  void ended.then(() => id.reject(new Error(`it ended without having begun: ${printed}`)))
  return { id: id.promise, ended }
}

/** A client that says what it likes. */
const openEngine = async (name: string, signing?: Signing): Promise<DirectClient> => {
  const tls = nats.tlsOf(name)
  const clock = { now: () => Date.now(), monotonic: () => performance.now() }
  const own = signing ?? (await signingOf({ tls }, clock))
  if (!own) throw new Error(`${name} has no certificate`)
  return openDirectClient({
    nats: { servers: nats.url, identity: name, tls, signing: own },
    idc: 'idc-a',
    sealKey: readFileSync(join(nats.dir, name, 'seal.key'), 'utf8'),
    now: clock.now,
  })
}

const weisSubmission = async (client: DirectClient): Promise<DirectSubmission> => {
  const runId = randomUUID()
  const module = 'system.uptime'
  const { book, epoch, hosts } = await client.ask(runId, { module, selector: 'env=lab' })
  const found = builtinModules.find(({ name }) => name === module)
  if (!found) throw new Error(module)
  const evaluated = evaluateModule(found, {}, false)
  if (!evaluated.ok || !evaluated.action) throw new Error(module)
  return {
    runId,
    idc: 'idc-a',
    client: 'wei',
    at: Date.now(),
    book,
    epoch,
    module,
    params: {},
    selector: 'env=lab',
    check: false,
    action: evaluated.action,
    strategy: { concurrency: 10, hostTimeoutMs: 10_000, retries: 0 },
    hosts: hosts.map(({ hostId, name, driver }) => ({ hostId, name, driver })),
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'om-e2e-direct-'))
  sshd = await startSshd({ config: ['MaxStartups 200'] })
  nats = await startNatsAccounts('nats-server', [
    ['server', 'web'],
    ['controller', 'a1', 'idc-a'],
    ['controller', 'a2', 'idc-a'],
    ['controller', 'b1', 'idc-b'],
    ['client', 'root-a', 'idc-a'],
    ['client', 'wei', 'idc-a'],
    ['client', 'eve', 'idc-a'],
    ['client', 'bob', 'idc-b'],
  ])
  server = await startServer()
  const client = await server.client()
  await addKey(client, 'lab', sshd.user, sshd.key.privateKey)
  await addHosts(
    client,
    sshd,
    Array.from({ length: HOSTS }, (_, n) => ({
      name: `a-${n}`,
      labels: { idc: 'idc-a', env: n < 4 ? 'lab' : 'prod' },
    })),
  )
  await client.call(settingsRoutes.change, { body: { confirmAbove: 5 } })
  await client.call(userRoutes.add, {
    body: {
      name: 'wei',
      role: 'operator',
      password: 'handed over on paper',
      grants: [{ modules: ['system.*'], selector: 'env=lab' }],
    },
  })
  const own: readonly (readonly [string, string])[] = [
    ['a1', 'idc-a'],
    ['a2', 'idc-a'],
    ['b1', 'idc-b'],
  ]
  for (const [name, idc] of own) await start(name, idc)
  for (const controller of controllers.values()) await controller.connected()
}, 300_000)
afterAll(async () => {
  for (const one of controllers.values()) await one.kill('SIGKILL')
  await server?.remove()
  await nats?.stop()
  await sshd?.stop()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

test('where no client was allowed, nothing lies there and nobody begins anything', async () => {
  expect(await books()).toEqual([])
  const refused = await shell('root-a', '*', 'echo never', '--yes')
  expect(refused.stderr).toContain('have not been told who may begin runs there')
  expect(refused.code).toBe(3)
})

test('a client that is allowed runs and follows, and the server hears of it', async () => {
  const allow = ['clients', 'allow', 'admin', '--idc', 'idc-a', '--client', 'root-a']
  expect((await server.om(allow)).code).toBe(0)
  expect((await server.om(['clients', 'allow', 'wei', '--idc', 'idc-a'])).code).toBe(0)
  await expect.poll(books, soon).toMatchObject([{ idc: 'idc-a', hosts: HOSTS }])
  const result = await shell('root-a', '*', 'echo hello', '--yes', '--json')
  expect(result.stderr).toBe('')
  const events = result.events()
  expect(events.at(0)).toMatchObject({ type: 'run.started', module: 'shell', total: HOSTS })
  const last = events.at(-1) as { id: string }
  expect(last).toMatchObject({ type: 'run.ended', status: 'succeeded', counts: { ok: HOSTS } })
  expect(events.filter(({ type }) => type === 'host.ended')).toHaveLength(HOSTS)
  expect(result.code).toBe(0)
  const client = await server.client()
  await expect
    .poll(() => client.call(runRoutes.show, { params: { id: last.id } }), soon)
    .toMatchObject({
      state: 'succeeded',
      startedBy: 'admin',
      begun: { idc: 'idc-a', client: 'root-a', objection: null },
    })
}, 120_000)

test('the server is killed: a client in the IDC goes on, with the right exit codes', async () => {
  await booksWritten(0)
  await server.kill('SIGKILL')
  const good = await shell('root-a', 'a-[0-2]', 'echo alone', '--yes')
  expect(good.stderr).toBe('')
  expect(good.stdout).toContain('alone')
  expect(good.stdout).toContain('3/3')
  expect(good.code).toBe(0)
  const bad = await shell('root-a', 'a-0', 'echo broken; exit 3', '--yes')
  expect(bad.stdout).toContain('exit 3')
  expect(bad.code).toBe(1)
  const allowed = await direct('wei', 'run', 'system.uptime', '-t', 'env=lab')
  expect(allowed.stderr).toBe('')
  expect(allowed.code).toBe(0)
}, 180_000)

test('what is not granted is refused in words, and nothing runs', async () => {
  const place = join(folder, 'refused')
  const command = leavesMark(place, 'true')
  const refusals = [
    [await shell('wei', 'env=lab', command, '--yes'), 3, 'No grant lets you run shell'],
    [await direct('wei', 'run', 'system.uptime', '-t', 'a-9'), 3, 'No grant lets you run'],
    [await shell('eve', '*', command, '--yes'), 3, 'may not begin runs in IDC idc-a'],
    [await shell('bob', '*', command, '--yes'), 3, 'have not been told'],
    [await shell('root-a', 'b-[0-3]', command, '--yes'), 2, 'b-0'],
    [await direct('root-a', 'run', 'mysql.backup', '-t', '*'), 2, 'no built-in module'],
    [await shell('root-a', '*', command, '--yes', '--retries', '2'), 2, '--retries'],
    [await shell('root-a', '*', command), 2, 'confirmation'],
    [await direct('root-a', 'hosts', 'list'), 2, 'takes the server'],
    [await direct('a1', 'run', 'system.uptime', '-t', '*'), 2, 'identity of the controller'],
  ] as const
  for (const [result, code, words] of refusals) {
    expect(result.stderr).toContain(words)
    expect(result.code).toBe(code)
  }
  expect(begunIn(place)).toEqual([])
}, 240_000)

test('what nats-server has stored says nothing of it: no command, no output, no login', async () => {
  const store: Buffer[] = []
  const read = (place: string): void => {
    for (const entry of readdirSync(place, { withFileTypes: true })) {
      if (entry.isDirectory()) read(join(place, entry.name))
      else store.push(readFileSync(join(place, entry.name)))
    }
  }
  read(nats.store)
  const all = Buffer.concat(store)
  // The book and the letters are there.
  expect(all.includes('om.idc.idc-a.book.')).toBe(true)
  expect(all.includes('om.idc.idc-a.begun.')).toBe(true)
  for (const word of ['echo alone', 'broken', 'PRIVATE KEY', '"command"', '"logins"', 'env=lab']) {
    expect(all.includes(word), word).toBe(false)
  }
})

test('a controller that is killed in the middle: another takes over, and nothing runs twice', async () => {
  const place = join(folder, 'killed')
  mkdirSync(place)
  // Alone at first, so that it is the one that has them.
  await controllers.get('a2')?.kill()
  const running = shell(
    'root-a',
    '*',
    leavesMark(place, 'sleep 3; echo done'),
    '--concurrency',
    '3',
    '--yes',
    '--json',
  )
  await expect.poll(() => begunIn(place).length, soon).toBeGreaterThan(3)
  await (await start('a2', 'idc-a')).connected()
  await controllers.get('a1')?.kill('SIGKILL')
  const result = await running
  const { counts } = result.events().at(-1) as { counts: Record<string, number> }
  expect((counts['ok'] ?? 0) + (counts['lost'] ?? 0)).toBe(HOSTS)
  expect(counts['lost']).toBeLessThanOrEqual(3)
  expect(result.code).toBe(counts['lost'] === 0 ? 0 : 1)
  const begun = begunIn(place)
  expect(new Set(begun).size).toBe(begun.length)
  await (await start('a1', 'idc-a')).connected()
}, 240_000)

test('who began it has it ended, and another client does not', async () => {
  const place = join(folder, 'aborted')
  const following = begin('root-a', '*', leavesMark(place, 'sleep 60'), '--concurrency', '2')
  const id = await following.id
  await expect.poll(() => begunIn(place).length, soon).toBe(2)
  expect((await direct('wei', 'runs', 'abort', id)).code).toBe(2)
  expect((await direct('wei', 'runs', 'show', id)).code).toBe(2)
  const shown = (await direct('root-a', 'runs', 'show', id, '--json')).json()
  expect(shown).toMatchObject({ state: 'running', counts: { running: 2, queued: HOSTS - 2 } })
  expect((await direct('root-a', 'runs', 'abort', id)).code).toBe(0)
  const { code, events } = await following.ended
  expect(events.at(-1)).toMatchObject({
    type: 'run.ended',
    status: 'aborted',
    counts: { aborted: HOSTS },
  })
  expect(code).toBe(1)
  expect(begunIn(place)).toHaveLength(2)
  expect((await direct('root-a', 'runs', 'show', id)).stdout).toContain('aborted')
}, 180_000)

test('a request that was changed, or is another’s, is refused and runs nothing', async () => {
  const place = join(folder, 'forged')
  const { tlsOf } = nats
  const clock = { now: () => Date.now(), monotonic: () => performance.now() }
  const nobodys = await signingOf({ tls: tlsOf('bob') }, clock)
  const wei = await openEngine('wei')
  const action = { kind: 'shell' as const, command: [leavesMark(place, 'true')] }
  const submission = await weisSubmission(wei)
  // The grant is for a module: what it is called must be what it does.
  await expect(wei.begin({ ...submission, action })).rejects.toThrow('DIRECT_MODULE_DIFFERS')
  await expect(wei.begin({ ...submission, client: 'root-a' })).rejects.toThrow()
  await expect(wei.begin({ ...submission, epoch: 'another' })).rejects.toThrow('DIRECT_STORE_LOST')
  await expect(
    wei.begin({ ...submission, hosts: submission.hosts.map((one) => ({ ...one, name: 'x' })) }),
  ).rejects.toThrow('DIRECT_HOSTS_CHANGED')
  await wei.close()
  // With the connection of one client, and the signature of another IDC's.
  if (!nobodys) throw new Error('bob has a certificate')
  const posing = await openEngine('wei', nobodys)
  await expect(weisSubmission(posing)).rejects.toThrow('DIRECT_NOT_PROVEN')
  await posing.close()
  expect(begunIn(place)).toEqual([])
}, 120_000)

test('a certificate of another CA, and one that was revoked, let nobody in', async () => {
  const other = await startNatsAccounts('nats-server', [['client', 'root-a', 'idc-a']])
  const foreign = await runOm(
    ['--direct', nats.url, '--pki', join(other.dir, 'root-a'), 'run', 'system.uptime', '-t', '*'],
    { home: folder, timeoutMs: 60_000 },
  )
  await other.stop()
  expect(foreign.code).toBe(3)
  const bundle = join(folder, 'eve')
  cpSync(join(nats.dir, 'eve'), bundle, { recursive: true })
  expect((await nats.pki('revoke', nats.dir, 'eve')).code).toBe(0)
  await nats.reload()
  const revoked = await runOm(
    ['--direct', nats.url, '--pki', bundle, 'run', 'system.uptime', '-t', '*'],
    { home: folder, timeoutMs: 60_000 },
  )
  expect(revoked.code).toBe(3)
  expect(revoked.stderr).toMatch(/nats-server|[Aa]uthorization/)
}, 180_000)

test('the server comes back: every run is in the history, with who, when and what came of it', async () => {
  server = await startServer(server)
  const client = await server.client()
  const direct = async () =>
    (await client.call(runRoutes.list, { query: { limit: 50 } })).items.filter(
      ({ begun }) => begun !== null,
    )
  // One before the server went, five without it.
  await expect.poll(async () => (await direct()).length, soon).toBe(6)
  await expect.poll(async () => (await direct()).every(({ endedAt }) => endedAt), soon).toBe(true)
  for (const { total, counts } of await direct()) {
    expect(Object.values(counts).reduce((sum, n) => sum + n, 0)).toBe(total)
  }
  const uptime = (await direct()).find(({ module }) => module === 'system.uptime')
  expect(uptime).toMatchObject({ startedBy: 'wei', state: 'succeeded', total: 4 })
  const broken = (await direct()).find(({ selector }) => selector === 'a-0')
  expect(broken).toMatchObject({ startedBy: 'admin', counts: { failed: 1 }, state: 'failed' })
  const output = await server.om(['runs', 'output', broken?.id ?? ''])
  expect(output.stdout).toContain('broken')
  const shown = await server.om(['runs', 'show', broken?.id ?? ''])
  expect(shown.stdout).toContain('in IDC idc-a by the client root-a')
  const log = await client.call(activityRoutes.list, { query: { what: 'runs.begunInIdc' } })
  expect(log.items).toHaveLength(6)
  // What is in the database by now counts no more when somebody brings it back.
  expect((await server.om(['clients', 'deny', 'root-a', '--idc', 'idc-a'])).code).toBe(0)
  await booksWritten(Date.now())
  const denied = await shell('root-a', '*', 'echo never', '--yes')
  expect(denied.stderr).toContain('may not begin runs in IDC idc-a')
}, 180_000)
