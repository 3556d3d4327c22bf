// Runs that are stopped, by a person, a deadline or a threshold, at every moment: each host in one named state, the
// counts add up, and nothing is left running on a host unless the result says so.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApiError, type Client, runRoutes } from '@omserver/api'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { missingTools, needs } from '../scripts/needs.ts'
import { accountsMissing, makeAccount, sudoMissing } from './support/account.ts'
import { addHosts, addKey } from './support/lab-hosts.ts'
import { lateListener, silentListener } from './support/odd-listener.ts'
import { type OmServer, startOmServer } from './support/omserver.ts'
import { killIfThere, processesWith } from './support/processes.ts'
import { countsOf, endOfRun, launchOn, outputOf, runOn } from './support/run-on.ts'
import { type Sshd, startSshd } from './support/sshd.ts'

let server: OmServer
let client: Client
let sshd: Sshd
let folder: string
let marks = 0
/** A duration nobody else sleeps for: how a command of ours is found among all processes of the machine. */
const newMark = (): string => `30${process.pid}.${++marks}`
/** Leaves a file on the host side for each start. */
const countStart = (where: string) => `set -- $SSH_CONNECTION; : > "$(mktemp ${where}/$3.XXXXXX)";`
const startsIn = (where: string) => readdirSync(where).length

beforeEach((context) => needs(context, 'sshd'))
beforeAll(async () => {
  if (missingTools(['sshd']).length > 0) return
  folder = mkdtempSync(join(tmpdir(), 'om-e2e-stop-'))
  sshd = await startSshd()
  server = await startOmServer()
  client = await server.client()
  await addKey(client, 'lab', sshd.user, sshd.key.privateKey)
  await addHosts(
    client,
    sshd,
    Array.from({ length: 12 }, () => ({})),
  )
})
afterAll(async () => {
  await server?.remove()
  await sshd?.stop()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

describe('a person aborts', () => {
  test('while it runs and while hosts wait: all are aborted, those that waited never began', async () => {
    const mark = newMark()
    const where = mkdtempSync(join(folder, 'starts-'))
    // A family of processes, one of which is deaf to the polite signal.
    const command = `${countStart(where)} sh -c 'trap "" TERM; sleep ${mark}' & sleep ${mark} & sleep ${mark}; wait`
    const strategy = { concurrency: 2, hostTimeoutMs: 100_000 }
    const { id } = await launchOn(client, 'web-[1-6]', command, { strategy })
    await expect
      .poll(() => processesWith(mark).length, { timeout: 15_000 })
      .toBeGreaterThanOrEqual(6)
    const aborted = await server.om(['runs', 'abort', id])
    expect([aborted.code, aborted.stderr]).toEqual([0, ''])
    const { run, hosts } = await endOfRun(client, id)
    expect(run).toMatchObject({ state: 'aborted', stopReason: 'aborted', total: 6 })
    expect(countsOf({ run })).toEqual({ aborted: 6 })
    for (const host of hosts.values())
      expect(host).toMatchObject({ reason: 'byPerson', leftRunning: 'no' })
    expect([...hosts.values()].filter(({ startedAt }) => startedAt !== null)).toHaveLength(2)
    expect(processesWith(mark)).toEqual([])
    expect(startsIn(where)).toBe(2)
  })

  test('while it connects: at once, long before the connection would have timed out', async () => {
    const silent = await silentListener()
    const host = { name: 'silent', address: '127.0.0.1', port: silent.port }
    await addHosts(client, sshd, [host])
    try {
      const { id } = await launchOn(client, 'silent', 'echo never')
      await expect.poll(() => silent.taken(), { timeout: 10_000 }).toBe(1)
      const began = performance.now()
      await client.call(runRoutes.abort, { params: { id } })
      const { run, hosts } = await endOfRun(client, id)
      expect(performance.now() - began).toBeLessThan(5_000)
      expect(countsOf({ run })).toEqual({ aborted: 1 })
      expect(hosts.get('silent')).toMatchObject({
        state: 'aborted',
        reason: 'byPerson',
        leftRunning: 'no',
        startedAt: null,
      })
    } finally {
      silent.close()
    }
  })

  test('twice at once is once; of a run that has ended nothing changes, and one is told', async () => {
    const mark = newMark()
    const { id } = await launchOn(client, 'web-1', `sleep ${mark}`)
    await expect.poll(() => processesWith(mark).length, { timeout: 15_000 }).toBeGreaterThan(0)
    const params = { id }
    const both = await Promise.all([1, 2].map(() => client.call(runRoutes.abort, { params })))
    expect(both.map((run) => run.stopReason)).toEqual(['aborted', 'aborted'])
    const before = await endOfRun(client, id)
    expect(countsOf(before)).toEqual({ aborted: 1 })
    const late = await client.call(runRoutes.abort, { params }).catch((error: unknown) => error)
    expect(late).toBeInstanceOf(ApiError)
    expect(late).toMatchObject({ status: 409, code: 'RUN_ENDED' })
    const { run } = await runOn(client, 'web-1', 'echo fine')
    const told = await server.om(['runs', 'abort', run.id])
    expect([told.code, told.stdout]).toEqual([2, ''])
    expect(told.stderr).toMatch(/ended/)
    expect((await client.call(runRoutes.show, { params: { id: run.id } })).state).toBe('succeeded')
    expect((await endOfRun(client, id)).hosts).toEqual(before.hosts)
    const none = await server.om(['runs', 'abort', '00000000-0000-7000-8000-000000000000'])
    expect(none.code).toBe(2)
    expect(none.stderr).toContain('00000000-0000-7000-8000-000000000000')
  })
})

describe('a deadline passes', () => {
  test('of one host: it is ended on the host too, and what it had said is kept', async () => {
    const mark = newMark()
    const command = `set -- $SSH_CONNECTION; echo said; [ "$3" = ${sshd.address(1)} ] || { trap '' TERM; sleep ${mark}; sleep ${mark}; }`
    const ran = await server.om([
      'run',
      'shell',
      '-t',
      'web-1 web-2',
      '-p',
      `command=${command}`,
      '--timeout',
      '2s',
      '--json',
    ])
    expect(ran.code).toBe(1)
    expect(ran.events().at(-1)).toMatchObject({ status: 'failed', counts: { ok: 1, timedOut: 1 } })
    expect(ran.events().find(({ state }) => state === 'timedOut')).toMatchObject({
      host: 'web-1',
      reason: 'hostTimeout',
      leftRunning: 'no',
    })
    expect(processesWith(mark)).toEqual([])
    const id = String(ran.events().at(-1)?.id)
    const { hosts } = await endOfRun(client, id)
    expect(await outputOf(client, id, hosts.get('web-1')?.hostId ?? '')).toBe('said\n')
  })

  test('of the whole run: those that run and those that wait are timed out', async () => {
    const mark = newMark()
    const strategy = { concurrency: 1, runTimeoutMs: 2_000 }
    const { run, hosts } = await runOn(client, 'web-[1-3]', `sleep ${mark}`, { strategy })
    expect(run).toMatchObject({ state: 'failed', stopReason: 'runTimeout' })
    expect(countsOf({ run })).toEqual({ timedOut: 3 })
    for (const host of hosts.values())
      expect(host).toMatchObject({ reason: 'runTimeout', leftRunning: 'no' })
    expect(processesWith(mark)).toEqual([])
  })

  test('over what the account may not end: the result says that it is left running', async (context) => {
    const missing = accountsMissing() ?? sudoMissing()
    context.skip(missing !== undefined, missing)
    const account = makeAccount({ sudo: 'free' })
    const mark = newMark()
    try {
      await addKey(client, 'weak', account.name, sshd.key.privateKey)
      await addHosts(client, sshd, [{ name: 'weak', credential: 'weak' }])
      const strategy = { hostTimeoutMs: 2_000 }
      // Deaf to TERM; and after KILL for the sudo above it, nobody's child.
      const deaf = `sudo -n sh -c 'trap "" TERM; sleep ${mark}; sleep ${mark}'`
      const { run, hosts } = await runOn(client, 'weak', deaf, { strategy })
      expect(countsOf({ run })).toEqual({ timedOut: 1 })
      expect(hosts.get('weak')).toMatchObject({ reason: 'hostTimeout', leftRunning: 'yes' })
      expect(processesWith(mark)).not.toEqual([])
    } finally {
      killIfThere(processesWith(mark))
      account.remove()
    }
  })
})

describe('hosts that fail', () => {
  const failing = (where: string, ...nth: readonly number[]) =>
    `${countStart(where)} case $3 in ${nth.map((n) => sshd.address(n)).join('|')}) exit 7 ;; esac`

  test('rolling batches go on while all is well, each after the one before', async () => {
    const where = mkdtempSync(join(folder, 'batches-'))
    const strategy = { batches: '1,25%,100%', hostTimeoutMs: 30_000 }
    const { run, hosts } = await runOn(client, 'web-[1-12]', countStart(where), { strategy })
    expect(countsOf({ run })).toEqual({ ok: 12 })
    expect(run.batches).toEqual([1, 3, 8])
    const inBatch = (batch: number) => [...hosts.values()].filter((host) => host.batch === batch)
    for (const batch of [0, 1]) {
      const ended = Math.max(...inBatch(batch).map(({ endedAt }) => endedAt ?? Infinity))
      const started = Math.min(...inBatch(batch + 1).map(({ startedAt }) => startedAt ?? 0))
      expect(started).toBeGreaterThanOrEqual(ended)
    }
    expect(startsIn(where)).toBe(12)
  })

  test('more than the threshold: what had not begun is skipped, with the reason, and never begins', async () => {
    const where = mkdtempSync(join(folder, 'threshold-'))
    const command = failing(where, 1, 2, 3)
    const args = ['-t', 'web-[1-12]', '-p', `command=${command}`, '--batch', '4,100%']
    const ran = await server.om(['run', 'shell', ...args, '--max-failures', '2', '--json', '--yes'])
    expect(ran.code).toBe(1)
    const end = ran.events().at(-1)
    expect(end).toMatchObject({ status: 'failed', counts: { ok: 1, failed: 3, skipped: 8 } })
    const skipped = ran.events().filter(({ state }) => state === 'skipped')
    expect(skipped.map(({ reason }) => reason)).toEqual(Array(8).fill('threshold'))
    expect(startsIn(where)).toBe(4)
    const { run } = await endOfRun(client, String(end?.id))
    expect(run.stopReason).toBe('threshold')
    const told = await server.om(['runs', 'output', run.id])
    expect(told.stdout).toContain('Not started: failure threshold')
  })

  test('as many as the threshold allows: the run goes on to its end', async () => {
    const where = mkdtempSync(join(folder, 'allowed-'))
    const strategy = { batches: '4,100%', maxFailures: '25%' }
    const { run } = await runOn(client, 'web-[1-12]', failing(where, 1, 2, 3), { strategy })
    expect(countsOf({ run })).toEqual({ ok: 9, failed: 3 })
    expect(run).toMatchObject({ state: 'failed', stopReason: null })
    expect(startsIn(where)).toBe(12)
  })
})

test('unreachable hosts are tried again as often as asked, failed ones never', async () => {
  const late = await lateListener(2, sshd.port)
  const where = mkdtempSync(join(folder, 'retry-'))
  const there = { address: '127.0.0.1' }
  await addHosts(client, sshd, [
    { name: 'late', ...there, port: late.port },
    { name: 'dead', ...there, port: 1 },
  ])
  try {
    const strategy = { retries: 2 }
    const command = `${countStart(where)} [ "$3" != ${sshd.address(0)} ]`
    const { run, hosts } = await runOn(client, 'web-1 late dead', command, { strategy })
    expect(countsOf({ run })).toEqual({ ok: 1, failed: 1, unreachable: 1 })
    expect(run.total).toBe(3)
    const attempts = [...hosts.values()].map(({ name, attempt, state }) => [name, attempt, state])
    expect(attempts.toSorted()).toEqual([
      ['dead', 3, 'unreachable'],
      ['late', 3, 'ok'],
      ['web-1', 1, 'failed'],
    ])
    const query = { attempts: 'all' } as const
    const all = await client.call(runRoutes.results, { params: { id: run.id }, query })
    const ofLate = all.items.filter(({ name }) => name === 'late')
    expect(ofLate.map(({ attempt, reason }) => [attempt, reason]).toSorted()).toEqual([
      [1, 'handshakeFailed'],
      [2, 'handshakeFailed'],
      [3, null],
    ])
    // One start each, however many attempts.
    expect(startsIn(where)).toBe(2)
  } finally {
    late.close()
  }
})
