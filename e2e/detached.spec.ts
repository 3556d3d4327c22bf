// Commands that go on by themselves: through kill -9 and a restart of OMServer, and through cut connections. Each runs
// once, has its whole output and its true end, and leaves nothing on its host.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { type Client, hostRoutes, runRoutes } from '@omserver/api'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { addHosts, addKey } from './support/lab-hosts.ts'
import { type OmServer, startOmServer } from './support/omserver.ts'
import { countsOf, endOfRun, launchOn, outputOf } from './support/run-on.ts'
import { type Sshd, startSshd } from './support/sshd.ts'

const WAIT = { timeout: 60_000 }
const spools = `/var/tmp/omserver-${userInfo().uid}`
let server: OmServer
let client: Client
let sshd: Sshd
let root: string
let folder: string

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'om-e2e-detached-'))
  sshd = await startSshd()
  server = await startOmServer()
  client = await server.client()
  await addKey(client, 'lab', sshd.user, sshd.key.privateKey)
  await addHosts(client, sshd, [{}, {}, {}])
  await client.call(hostRoutes.add, {
    body: { name: 'here', address: '127.0.0.1', driver: 'local' },
  })
})
afterAll(async () => {
  await server?.remove()
  await sshd?.stop()
  if (root) rmSync(root, { recursive: true, force: true })
})
beforeEach(() => {
  folder = mkdtempSync(join(root, 'case-'))
})

const strategy = { detach: true, hostTimeoutMs: 300_000 }

/** Says something, waits for `go`, says more. Each start leaves a line on the host's side. */
const command = () =>
  `set -- $SSH_CONNECTION 1 2 here; echo x >>${folder}/$3.ran; echo $$ >>${folder}/pids; echo one; echo wrong >&2; ` +
  `while [ ! -e ${folder}/go ]; do sleep 0.2; done; echo two; exit 3`
const go = () => writeFileSync(join(folder, 'go'), '')
const starts = () => readdirSync(folder).filter((name) => name.endsWith('.ran'))
const pids = () =>
  existsSync(join(folder, 'pids'))
    ? readFileSync(join(folder, 'pids'), 'utf8').split('\n').filter(Boolean).map(Number)
    : []
const isAlive = (pid: number) => existsSync(`/proc/${pid}`)

/** Spools of this case: what they run names its folder. */
const spoolsLeft = () =>
  (existsSync(spools) ? readdirSync(spools) : []).filter((name) => {
    try {
      return readFileSync(join(spools, name, 'prog'), 'utf8').includes(folder)
    } catch {
      return false
    }
  })

const launchAll = async (hosts: number, selector: string) => {
  const { id, detached } = await launchOn(client, selector, command(), { strategy })
  expect(detached).toBe(true)
  await expect
    .poll(async () => {
      const { items } = await client.call(runRoutes.results, { params: { id }, query: {} })
      const said = await Promise.all(items.map(({ hostId }) => outputOf(client, id, hostId)))
      return said.filter((one) => one === 'one\n').length
    }, WAIT)
    .toBe(hosts)
  return id
}

const restart = async (signal: NodeJS.Signals, between: () => void = () => undefined) => {
  const { dataDir, port } = server
  await server.kill(signal)
  between()
  server = await startOmServer({ dataDir, port })
  client = await server.client()
}

/** Every host ran it once, said everything once, and keeps nothing of it. */
const expectWhole = async (id: string, hosts: number) => {
  const finished = await endOfRun(client, id)
  expect(countsOf(finished)).toEqual({ failed: hosts })
  for (const { hostId, exit, reason } of finished.hosts.values()) {
    expect([exit, reason]).toEqual([3, 'exit'])
    expect(await outputOf(client, id, hostId)).toBe('one\ntwo\n')
    expect(await outputOf(client, id, hostId, 'stderr')).toBe('wrong\n')
  }
  expect(starts()).toHaveLength(hosts)
  for (const name of starts()) expect(readFileSync(join(folder, name), 'utf8')).toBe('x\n')
  await expect.poll(spoolsLeft, WAIT).toEqual([])
}

describe('a detached run', () => {
  test('goes on through kill -9 of OMServer', async () => {
    const id = await launchAll(4, 'web-* here')
    await restart('SIGKILL')
    const run = await client.call(runRoutes.show, { params: { id } })
    expect(run.counts.running).toBe(4)
    go()
    await expectWhole(id, 4)
  })

  test('that ends while OMServer is down has its end after the start', async () => {
    const id = await launchAll(4, 'web-* here')
    await restart('SIGKILL', go)
    await expectWhole(id, 4)
  })

  test('goes on through an orderly restart', async () => {
    const id = await launchAll(4, 'web-* here')
    await restart('SIGTERM')
    go()
    await expectWhole(id, 4)
  })

  test('goes on through two restarts, and through cut connections', async () => {
    const id = await launchAll(3, 'web-*')
    await restart('SIGKILL')
    sshd.killConnections()
    await restart('SIGTERM')
    sshd.killConnections()
    go()
    await expectWhole(id, 3)
  })

  test('is aborted after a restart: its commands are ended', async () => {
    const id = await launchAll(4, 'web-* here')
    await restart('SIGKILL')
    await client.call(runRoutes.abort, { params: { id } })
    const finished = await endOfRun(client, id)
    expect(countsOf(finished)).toEqual({ aborted: 4 })
    for (const host of finished.hosts.values()) expect(host.leftRunning).toBe('no')
    await expect.poll(() => pids().filter(isAlive), WAIT).toEqual([])
    await expect.poll(spoolsLeft, WAIT).toEqual([])
  })

  test('whose host was started anew meanwhile is of unknown result', async () => {
    const id = await launchAll(2, 'web-[1-2]')
    await restart('SIGKILL', () => {
      for (const name of spoolsLeft()) {
        const [pid = ''] = readFileSync(join(spools, name, 'pid'), 'utf8').split(' ')
        process.kill(-Number(pid), 'SIGKILL')
      }
    })
    const finished = await endOfRun(client, id)
    expect(countsOf(finished)).toEqual({ lost: 2 })
    for (const { hostId, message } of finished.hosts.values()) {
      expect(message).toContain('how it ended')
      expect(await outputOf(client, id, hostId)).toBe('one\n')
    }
  })
})
