// Hosts that cannot be reached, or break off: each ends in its own state with a reason that names the culprit, and
// the hosts beside it are unharmed. Real sshd, and listeners that only look like one.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, hostRoutes } from '@omserver/api'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { missingTools, needs } from '../scripts/needs.ts'
import { addHosts, addKey } from './support/lab-hosts.ts'
import { type OddListener, silentListener, stuckListener } from './support/odd-listener.ts'
import { type OmServer, startOmServer } from './support/omserver.ts'
import { ancestorsOf, killIfThere, nameOfProcess } from './support/processes.ts'
import { countsOf, endOfRun, launchOn, runOn } from './support/run-on.ts'
import { makeKey, type Sshd, startSshd } from './support/sshd.ts'

let server: OmServer
let client: Client
let sshd: Sshd
/** Its host key will change. */
let moved: Sshd
let silent: OddListener
let stuck: OddListener
let folder: string

beforeEach((context) => needs(context, 'sshd'))
beforeAll(async () => {
  if (missingTools(['sshd']).length > 0) return
  folder = mkdtempSync(join(tmpdir(), 'om-e2e-misbehave-'))
  sshd = await startSshd()
  moved = await startSshd()
  silent = await silentListener()
  stuck = await stuckListener()
  server = await startOmServer()
  client = await server.client()
  await addKey(client, 'lab', sshd.user, sshd.key.privateKey)
  await addKey(client, 'moved', moved.user, moved.key.privateKey)
  await addKey(client, 'stranger', sshd.user, makeKey().privateKey)
  const here = { address: '127.0.0.1' }
  await addHosts(client, sshd, [
    {},
    {},
    {},
    { name: 'wrong-key', credential: 'stranger' },
    { name: 'no-key', credential: null },
    { name: 'refusing', port: 1 },
    { name: 'nameless', address: 'no-such-host.invalid' },
    { name: 'nowhere', address: '255.255.255.255' },
    { name: 'silent', ...here, port: silent.port },
    { name: 'stuck', ...here, port: stuck.port },
    { name: 'moved', port: moved.port, credential: 'moved', labels: { role: 'jump' } },
    { name: 'behind', jumpHost: 'moved' },
    { name: 'behind-refusing', jumpHost: 'refusing' },
    { name: 'jump-stranger', port: moved.port, credential: 'stranger' },
    { name: 'behind-stranger', jumpHost: 'jump-stranger' },
    { name: 'beyond', port: 1, jumpHost: 'moved' },
  ])
})
afterAll(async () => {
  await server?.remove()
  silent?.close()
  stuck?.close()
  await sshd?.stop()
  await moved?.stop()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

const placeOf = (name: string, nth: number, port: number): string =>
  name === 'silent' || name === 'stuck' ? `127.0.0.1:${port}` : `${sshd.address(nth)}:${port}`

test('every way of not being reached has its own reason and names the place; the others run', async () => {
  const began = Date.now()
  const selector =
    'web-[1-3] wrong-key no-key refusing nameless nowhere silent stuck behind-refusing behind-stranger beyond'
  const { run, hosts } = await runOn(client, selector, 'echo fine')
  expect(Date.now() - began).toBeLessThan(25_000)
  expect(run.state).toBe('failed')
  expect(countsOf({ run })).toEqual({ ok: 3, unreachable: 10 })
  expect(run.total).toBe(13)
  const told = Object.fromEntries(
    [...hosts.values()]
      .filter(({ state }) => state !== 'ok')
      .map(({ name, state, reason, message }) => [name, `${state} ${reason}: ${message}`]),
  )
  const { user } = sshd
  expect(told).toEqual({
    'wrong-key': `unreachable authFailed: ${placeOf('wrong-key', 3, sshd.port)} did not accept the key of user ${user}`,
    'no-key': 'unreachable noCredential: the host has no credential to log in with',
    refusing: `unreachable refused: ${placeOf('refusing', 5, 1)} refused the connection`,
    nameless: `unreachable dns: the name of no-such-host.invalid:${sshd.port} has no address`,
    nowhere: `unreachable noRoute: no route to 255.255.255.255:${sshd.port}`,
    silent: `unreachable connectTimeout: ${placeOf('silent', 8, silent.port)} accepted the connection but sent no SSH greeting within 10 s`,
    stuck: `unreachable connectTimeout: ${placeOf('stuck', 9, stuck.port)} did not finish the SSH handshake within 10 s`,
    'behind-refusing': `unreachable jumpFailed: jump host 1: ${placeOf('refusing', 5, 1)} refused the connection`,
    'behind-stranger': `unreachable jumpFailed: jump host 1: ${placeOf('jump-stranger', 13, moved.port)} did not accept the key of user ${user}`,
    beyond: `unreachable jumpFailed: the last jump host could not reach ${placeOf('beyond', 15, 1)}: Connection refused`,
  })
  // Nothing was sent, so nothing was left behind and nothing was said.
  for (const host of hosts.values()) {
    if (host.state === 'unreachable') expect([host.startedAt, host.outputBytes]).toEqual([null, 0])
  }
  const folded = await server.om(['runs', 'output', run.id])
  expect(folded.code).toBe(0)
  for (const text of [
    'web-[1-3]',
    'wrong-key',
    'Login refused',
    'Connection timed out',
    'Jump host failed',
  ])
    expect(folded.stdout).toContain(text)
})

describe('a connection that breaks', () => {
  test('in mid-command: that host is lost, the one beside it is ok, and both can run again', async () => {
    const file = join(folder, 'cut')
    const command = `set -- $SSH_CONNECTION; echo before; if [ "$3" = ${sshd.address(0)} ]; then echo $$ > ${file}.new; mv ${file}.new ${file}; exec sleep 300; fi; sleep 1; echo after`
    const launched = await launchOn(client, 'web-1 web-2', command)
    await expect.poll(() => pidIn(file), { timeout: 15_000 }).toBeGreaterThan(0)
    const pid = pidIn(file)
    const session = ancestorsOf(pid).find((one) => nameOfProcess(one).startsWith('sshd'))
    killIfThere(session === undefined ? [] : [session])
    const { run, hosts } = await endOfRun(client, launched.id)
    killIfThere([pid])
    expect(countsOf({ run })).toEqual({ lost: 1, ok: 1 })
    expect(run.state).toBe('failed')
    expect(hosts.get('web-1')).toMatchObject({
      state: 'lost',
      reason: 'connectionCut',
      message: 'the connection ended before the command did',
      leftRunning: 'unknown',
      exit: null,
    })
    const followed = await server.om(['runs', 'follow', run.id, '--json'])
    expect(followed.code).toBe(1)
    expect(followed.events().at(-1)).toMatchObject({ status: 'failed', counts: { lost: 1, ok: 1 } })
    expect(countsOf(await runOn(client, 'web-1 web-2', 'echo again'))).toEqual({ ok: 2 })
  })

  test('on the jump host: the command behind it is lost, so it did go that way', async () => {
    const file = join(folder, 'behind')
    const launched = await launchOn(client, 'behind', `echo $$ > ${file}; exec sleep 300`)
    await expect.poll(() => pidIn(file), { timeout: 15_000 }).toBeGreaterThan(0)
    moved.killConnections()
    const { run, hosts } = await endOfRun(client, launched.id)
    killIfThere([pidIn(file)])
    expect(countsOf({ run })).toEqual({ lost: 1 })
    expect(hosts.get('behind')?.reason).toBe('connectionCut')
  })
})

const pidIn = (file: string): number => {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return 0
  }
}

describe('a host key that changes', () => {
  test('stops that host and what lies behind it; nobody else', async () => {
    expect(countsOf(await runOn(client, 'moved behind web-1', 'echo fine'))).toEqual({ ok: 3 })
    await reinstall()
    const { run, hosts } = await runOn(client, 'moved behind web-1', 'echo fine')
    expect(countsOf({ run })).toEqual({ ok: 1, unreachable: 2 })
    const place = placeOf('moved', 10, moved.port)
    const shows = `${place} shows another host key than the pinned one; nothing was sent`
    expect(hosts.get('moved')).toMatchObject({ reason: 'hostKeyChanged', message: shows })
    expect(hosts.get('behind')).toMatchObject({
      reason: 'hostKeyChanged',
      message: `jump host 1: ${shows}`,
    })
    // The run sent nothing: not even a login was tried.
    expect(moved.log()).not.toMatch(/Accepted|Failed/)
    const behind = await client.call(hostRoutes.show, { params: { id: 'behind' } })
    expect(behind.changedKey).toBeNull()
  })

  test('is accepted by its fingerprint only, and then the host and what is behind it run', async () => {
    const { hostKey, changedKey } = await client.call(hostRoutes.show, { params: { id: 'moved' } })
    expect(changedKey?.key).toBe(moved.hostKeys[0]?.key)
    const { fingerprint = '' } = changedKey ?? {}
    const shown = await server.om(['hosts', 'show', 'moved'])
    expect(shown.stdout).toContain(`The host key changed to ${fingerprint}`)
    const asked = await server.om(['hosts', 'accept-key', 'moved'])
    expect(asked.code).toBe(2)
    expect(asked.stderr).toContain(`moved had ${hostKey?.fingerprint}`)
    expect(asked.stderr).toContain(`moved now offers ${fingerprint}`)
    const accept = (given: string) =>
      server.om(['hosts', 'accept-key', 'moved', '--fingerprint', given])
    const wrong = await accept('SHA256:of-another-host')
    expect([wrong.code, wrong.stdout]).toEqual([2, ''])
    expect(wrong.stderr).toContain('moved')
    const kept = await accept(`${hostKey?.fingerprint}`)
    expect(kept.stdout).toBe('moved keeps the key it had; the one it offered is forgotten.\n')
    const stopped = await server.om(['run', 'shell', '-t', 'moved', '-p', 'command=echo', '--json'])
    expect(stopped.code).toBe(1)
    const accepted = await accept(fingerprint)
    expect([accepted.code, accepted.stdout]).toEqual([0, 'Accepted the new key of moved.\n'])
    const { run } = await runOn(client, 'moved behind web-1', 'echo fine')
    expect(countsOf({ run })).toEqual({ ok: 3 })
    const none = await accept(fingerprint)
    expect(none.code).toBe(2)
    expect(none.stderr).toContain('moved')
    const nobody = await server.om(['hosts', 'accept-key', 'nobody', '--fingerprint', fingerprint])
    expect(nobody.code).toBe(2)
    expect(nobody.stderr).toContain('nobody')
  })

  /** The same address and the same account, another host key. */
  const reinstall = async (): Promise<void> => {
    const { port, key } = moved
    await moved.stop()
    moved = await startSshd({ port })
    moved.authorize(key.publicKey)
  }
})

test('odd names are names: each answers for itself', async () => {
  const names = ['__proto__', 'constructor', '主机-1', '1', 'ok', 'a.b_c-d', 'x'.repeat(253)]
  await addHosts(
    client,
    sshd,
    names.map((name) => ({ name, labels: { odd: 'yes' } })),
  )
  const result = await server.om([
    'run',
    'shell',
    '-t',
    'odd=yes',
    '-p',
    'command=echo hi',
    '--json',
  ])
  expect(result.stderr).toBe('')
  expect(result.code).toBe(0)
  const ended = result.events().filter(({ type }) => type === 'host.ended')
  expect(ended.map(({ host, state }) => `${host} ${state}`).toSorted()).toEqual(
    names.map((name) => `${name} ok`).toSorted(),
  )
  const one = await server.om(['run', 'shell', '-t', '__proto__ 主机-1', '-p', 'command=echo hi'])
  expect([one.code, one.stderr]).toEqual([0, ''])
  expect(one.stdout).toContain('__proto__')
})
