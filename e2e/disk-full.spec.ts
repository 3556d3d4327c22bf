// The disk of the data folder fills up in the middle of a run: nothing is lost, nothing runs twice, nobody is told
// anything that is not so, and once there is space again everything goes on by itself.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { missingTools, needs } from '../scripts/needs.ts'
import { begunIn, leavesMark } from './support/marks.ts'
import { ADMIN, type OmServer, PASSWORD, runOm, startOmServer } from './support/omserver.ts'
import { makeSmallDisk, type SmallDisk, smallDiskMissing } from './support/small-disk.ts'
import { type Sshd, startSshd } from './support/sshd.ts'

const HOSTS = 30
const noDisk = smallDiskMissing()
let disk: SmallDisk
let server: OmServer
let sshd: Sshd
let folder: string

beforeEach((context) => {
  context.skip(noDisk !== undefined, noDisk)
  needs(context, 'sshd')
})
beforeAll(async () => {
  if (noDisk !== undefined || missingTools(['sshd']).length > 0) return
  folder = mkdtempSync(join(tmpdir(), 'om-e2e-full-'))
  disk = makeSmallDisk(16)
  sshd = await startSshd({ config: ['MaxStartups 200'] })
  // Its log and the account file of `om` lie on the small disk as well, as they would on a real one.
  server = await startOmServer({ dataDir: disk.folder })
  const key = join(folder, 'key')
  writeFileSync(key, sshd.key.privateKey, { mode: 0o600 })
  const words = ['--type', 'ssh-key', '--user', sshd.user, '--file', key]
  expect((await server.om(['credentials', 'add', 'lab', ...words])).code).toBe(0)
  const lines = Array.from(
    { length: HOSTS },
    (_, n) =>
      `  - { name: h-${n + 1}, address: ${sshd.address(n)}, port: ${sshd.port}, credential: lab }`,
  )
  const file = join(folder, 'hosts.yaml')
  writeFileSync(file, `hosts:\n${lines.join('\n')}\n`)
  expect((await server.om(['hosts', 'import', file])).code).toBe(0)
})
afterAll(async () => {
  await server?.kill()
  await sshd?.stop()
  disk?.remove()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

const marks = (name: string): string[] => {
  try {
    return readdirSync(join(folder, name))
  } catch {
    return []
  }
}

const health = async (): Promise<{ status: number; text: string }> => {
  const response = await fetch(`${server.url}/api/health`)
  return { status: response.status, text: await response.text() }
}

interface RunState {
  readonly state: string
  readonly total: number
  readonly counts: Readonly<Record<string, number>>
}
const sumOf = ({ counts }: RunState): number => Object.values(counts).reduce((a, b) => a + b, 0)

test('a run waits for space: nothing new starts, nothing is said to be done, and it ends whole', async () => {
  // On the host side: one file for each beginning and one for each end.
  const command = `set -- $SSH_CONNECTION; mkdir -p ${folder}/begun ${folder}/done; : > "$(mktemp ${folder}/begun/$3.XXXXXX)"; echo "I am $3"; sleep 1; : > ${folder}/done/$3`
  const launch = ['run', 'shell', '-t', 'h-*', '-p', `command=${command}`, '--concurrency', '5']
  const { id } = (await server.om([...launch, '--yes', '--detach', '--json'])).json<{
    id: string
  }>()
  await expect.poll(() => marks('begun').length, { timeout: 60_000 }).toBeGreaterThan(7)
  disk.fill()

  await expect.poll(async () => (await health()).status, { timeout: 20_000 }).toBe(503)
  const said = (await health()).text
  expect(said).toContain('The disk is full')
  expect(said).toContain('磁盘已满')
  expect(said).not.toContain('{\\"')
  // What was under way ends on its host; then everything stands still.
  await expect
    .poll(() => marks('done').length === marks('begun').length, { timeout: 20_000 })
    .toBe(true)
  const begun = marks('begun').length
  expect(begun).toBeLessThan(HOSTS)

  // Reading goes on, and says what is known for sure.
  expect((await server.om(['hosts', 'list'])).code).toBe(0)
  const during = (await server.om(['runs', 'show', id, '--json'])).json<RunState>()
  expect(during.state).toBe('running')
  expect(sumOf(during)).toBe(HOSTS)
  expect(during.counts['ok']).toBeLessThanOrEqual(marks('done').length)
  // What would have to be written is refused with the reason, and does not happen.
  const late = ['run', 'shell', '-t', 'h-1', '-p', `command=touch ${folder}/late`]
  for (const words of [late, ['hosts', 'add', 'late', '--address', '10.0.0.1']]) {
    const refused = await server.om(words)
    expect(refused.stderr).toContain('DISK_FULL')
    expect(refused.code).toBe(3)
  }
  const login = await runOm(['login', server.url, '--user', ADMIN, '--password-stdin'], {
    home: folder,
    input: PASSWORD,
  })
  expect(login.stderr).toContain('DISK_FULL')
  expect(marks('begun').length).toBe(begun)

  disk.free()
  const followed = await server.om(['runs', 'follow', id, '--json'])
  const end = followed.events().at(-1) as unknown as RunState & { readonly status: string }
  expect(end.status).toBe('succeeded')
  expect(end.counts['ok']).toBe(HOSTS)
  const addresses = begunIn(join(folder, 'begun'))
  expect(addresses.length).toBe(HOSTS)
  expect(new Set(addresses).size).toBe(HOSTS)
  for (const n of [0, 4, 7, 9, HOSTS - 1]) {
    const output = await server.om(['runs', 'output', id, '--host', `h-${n + 1}`])
    expect(output.stdout).toBe(`I am ${sshd.address(n)}\n`)
  }
  await expect.poll(async () => (await health()).status, { timeout: 20_000 }).toBe(200)
  expect(marks('late')).toEqual([])
  expect((await server.om(['hosts', 'show', 'late'])).code).toBe(2)
  const after = await server.om(['run', 'shell', '-t', 'h-1', '-p', 'command=echo again', '--json'])
  expect(after.code).toBe(0)
}, 180_000)

test('a server killed while the disk is full keeps what was true, and finishes after a restart', async () => {
  const begun = join(folder, 'begun-2')
  const command = leavesMark(begun, 'sleep 1')
  const launch = ['run', 'shell', '-t', 'h-*', '-p', `command=${command}`, '--concurrency', '5']
  const { id } = (await server.om([...launch, '--yes', '--detach', '--json'])).json<{
    id: string
  }>()
  await expect.poll(() => marks('begun-2').length, { timeout: 60_000 }).toBeGreaterThan(7)
  disk.fill()
  await expect.poll(async () => (await health()).status, { timeout: 20_000 }).toBe(503)
  await server.kill('SIGKILL')
  disk.free()
  const { dataDir, port } = server
  server = await startOmServer({ dataDir, port })
  const followed = await server.om(['runs', 'follow', id, '--json'])
  const end = followed.events().at(-1) as unknown as RunState
  const { ok = 0, lost = 0 } = end.counts
  expect(ok + lost).toBe(HOSTS)
  expect(lost).toBeLessThanOrEqual(5)
  const addresses = marks('begun-2').map((name) => name.replace(/\.[^.]+$/, ''))
  expect(new Set(addresses).size).toBe(addresses.length)
}, 180_000)

test('a first start on a full disk is refused, and is a first start once there is space', async () => {
  const small = makeSmallDisk(8)
  try {
    small.fill()
    const words = ['up', '--data', small.folder, '--port', '0']
    const refused = await runOm(words, { home: folder, timeoutMs: 30_000 })
    expect(refused.stderr).toContain('DISK_FULL')
    expect(refused.stderr).toContain(small.folder)
    expect(refused.code).toBe(3)
    small.free()
    const first = await startOmServer({ dataDir: small.folder })
    expect((await first.om(['hosts', 'list'])).stdout).toContain('localhost')
    // Started again on a full disk, it says so before anything has been tried.
    small.fill()
    await first.kill('SIGKILL')
    const again = await startOmServer({ dataDir: small.folder, login: false })
    const asked = await fetch(`${again.url}/api/health`)
    expect(await asked.text()).toContain('The disk is full')
    expect(asked.status).toBe(503)
    small.free()
    expect((await fetch(`${again.url}/api/health`)).status).toBe(200)
    await again.kill()
  } finally {
    small.remove()
  }
}, 120_000)
