// kill -9 in the middle of a run: ended hosts keep their state, waiting ones run after the restart, none runs twice.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { begunIn, leavesMark } from './support/marks.ts'
import { type OmServer, startOmServer } from './support/omserver.ts'
import { launchOn } from './support/run-on.ts'
import { type Sshd, startSshd } from './support/sshd.ts'

const HOSTS = 40
let server: OmServer
let sshd: Sshd
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'om-e2e-restart-'))
  sshd = await startSshd({ config: ['MaxStartups 200'] })
  server = await startOmServer()
  const key = join(folder, 'key')
  writeFileSync(key, sshd.key.privateKey, { mode: 0o600 })
  await server.om([
    'credentials',
    'add',
    'lab',
    '--type',
    'ssh-key',
    '--user',
    sshd.user,
    '--file',
    key,
  ])
  const hosts = Array.from(
    { length: HOSTS },
    (_, n) =>
      `  - { name: h-${n + 1}, address: ${sshd.address(n)}, port: ${sshd.port}, credential: lab }`,
  )
  const file = join(folder, 'hosts.yaml')
  writeFileSync(file, `hosts:\n${hosts.join('\n')}\n`)
  expect((await server.om(['hosts', 'import', file])).code).toBe(0)
})
afterAll(async () => {
  await server?.remove()
  await sshd?.stop()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

test('hosts in flight are lost, the others run once', async () => {
  const begun = join(folder, 'begun')
  const command = leavesMark(begun, 'sleep 2; echo done')
  const { id } = await launchOn(await server.client(), 'h-*', command, {
    strategy: { concurrency: 5 },
    confirmHosts: HOSTS,
  })
  await expect.poll(() => begunIn(begun).length, { timeout: 60_000 }).toBeGreaterThan(12)
  await server.kill('SIGKILL')
  const { dataDir, port } = server
  server = await startOmServer({ dataDir, port })
  const followed = await server.om(['runs', 'follow', id, '--json'])
  const end = followed.events().at(-1) as { counts: Record<string, number>; status: string }
  const { ok = 0, lost = 0 } = end.counts
  expect(ok + lost).toBe(HOSTS)
  expect(lost).toBeGreaterThan(0)
  expect(lost).toBeLessThanOrEqual(5)
  const addresses = begunIn(begun)
  expect(new Set(addresses).size).toBe(addresses.length)
}, 180_000)

test('two servers on one data folder: the second refuses and says why', async () => {
  await expect(startOmServer({ dataDir: server.dataDir, login: false })).rejects.toThrow(
    /data folder|in use/i,
  )
})
