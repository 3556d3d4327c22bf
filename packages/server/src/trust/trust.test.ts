// Trust from the password to the credential of the host. Runs, database and engine are real; a host is a home folder
// in which the real /bin/sh carries the actions out, behind a login that looks into its real authorized_keys.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { RunView } from '@omserver/api'
import type { HostEnd, LoginSecret, Problem, Slice, TargetHost } from '@omserver/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { permissionsOf } from '../access/index.ts'
import { type CredentialService, createCredentials } from '../credentials/index.ts'
import { readPrivateKey } from '../credentials/private-key.ts'
import { hostDirectory } from '../hosts/directory.ts'
import { FleetStore } from '../hosts/fleet-store.ts'
import { PinnedKeys } from '../hosts/pinned-keys.ts'
import { type HostService, hostService } from '../hosts/service.ts'
import { createModules } from '../modules/index.ts'
import { createRuns, type RunService } from '../runs/index.ts'
import { type Behaviour, startFakeController } from '../runs/testing/fake-controller.ts'
import { createSettings } from '../settings/index.ts'
import type { Slice as ServerSlice } from '../slice.ts'
import { startServices, type TestServices } from '../testing/test-services.ts'
import { createTrust } from './index.ts'
import type { TrustParts, TrustService } from './service.ts'

const user = userInfo().username
const password = 'once only 密码'

let test: TestServices
let homes: string
let credentials: CredentialService
let hosts: HostService
let runs: ServerSlice<RunService>
let trust: TrustService
let controller: Awaited<ReturnType<typeof startFakeController>>
/** Of every run that trust launched: settled when it has ended and what follows has begun. */
let launched: Promise<RunView>[]
/** Login secrets as they were handed out: to see that they were, and which. */
let opened: LoginSecret[]
/** Hosts on which the network fails for these credentials. */
let broken: Map<string, LoginSecret['kind']>

const homeOf = (name: string) => join(homes, name)
const keysOf = (name: string) => {
  const file = join(homeOf(name), '.ssh/authorized_keys')
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

const mayLogIn = async (name: string, login: LoginSecret): Promise<boolean> => {
  if (login.kind === 'password') return login.user === user && login.password?.reveal() === password
  const { publicKey } = await readPrivateKey(login.privateKey?.reveal() ?? '')
  return keysOf(name).includes(publicKey)
}

const carryOut = async ({ name, access }: TargetHost, { action }: Slice): Promise<HostEnd> => {
  if (!access.credentialId) return { state: 'unreachable', reason: 'noCredential' }
  const login = await runs.service.secrets.credential(access.credentialId)
  opened.push(login)
  if (broken.get(name) === login.kind) return { state: 'unreachable', reason: 'connectTimeout' }
  if (!(await mayLogIn(name, login))) return { state: 'unreachable', reason: 'authFailed' }
  if (action.kind !== 'script') return { state: 'ok', exit: 0 }
  const args = ['-c', action.content, 'sh', ...(action.args ?? [])]
  const env = { PATH: process.env.PATH, HOME: homeOf(name) }
  const { status } = spawnSync('/bin/sh', args, { env })
  const changed = action.changedExit?.includes(status ?? -1) ?? false
  if (status !== 0 && !changed) return { state: 'failed', reason: 'exit', exit: status ?? -1 }
  return { state: 'ok', exit: status ?? 0, changed }
}

/** The fake asks for the end after `until` has resolved. */
const behave = (host: TargetHost, slice: Slice): Behaviour => {
  let end: HostEnd | undefined
  const until = carryOut(host, slice).then((ended) => {
    end = ended
  })
  return {
    until,
    get end() {
      return end
    },
  }
}

beforeEach(async () => {
  test = await startServices()
  const { services } = test
  homes = mkdtempSync(join(tmpdir(), 'om-homes-'))
  launched = []
  opened = []
  broken = new Map()
  credentials = createCredentials(services).service
  const keys = new PinnedKeys(services.db)
  const store = new FleetStore(services.db, keys)
  hosts = hostService(services, { store, keys, credentials })
  const directory = hostDirectory(services, store, keys)
  const settings = createSettings(services, { version: 'test' }).service
  const modules = createModules(services).service
  runs = createRuns(services, { hosts: directory, credentials, modules, settings })
  await runs.start?.()
  const watched: TrustParts['runs'] = {
    reader: runs.service.reader,
    launchAction: (actor, input) => {
      const ended = Promise.withResolvers<RunView>()
      const onEnded = async (run: RunView) => {
        try {
          await input.onEnded?.(run)
          ended.resolve(run)
        } catch (error) {
          ended.reject(error)
        }
      }
      const run = runs.service.launchAction(actor, { ...input, onEnded })
      return run.then((view) => {
        launched.push(ended.promise)
        return view
      })
    },
  }
  trust = createTrust(services, {
    runs: watched,
    hosts: { select: directory.select, setCredential: hosts.setCredential },
    credentials,
  }).service
  controller = await startFakeController(services.engine, ['default', 'sz'], behave)
  for (const name of ['web-1', 'web-2', 'web-3']) {
    mkdirSync(homeOf(name), { mode: 0o700 })
    await hosts.add(test.admin, { name, address: '10.0.0.1' })
  }
})
afterEach(async () => {
  await controller.stop()
  await test.services.engine.close()
  await runs.stop?.()
  await test[Symbol.asyncDispose]()
  rmSync(homes, { recursive: true, force: true })
})

/** The runs of a chain in order, each as it ended. */
const chain = async (): Promise<RunView[]> => {
  const ended: RunView[] = []
  // It grows while it is walked: each run begins the next before it counts as settled.
  for (let n = 0; n < launched.length; n++) ended.push((await launched[n]) as RunView)
  return ended
}
const summary = (ended: readonly RunView[]) =>
  ended.map(({ module, counts }) => [module, counts.ok])
const key = (name: string) =>
  credentials.add(test.admin, { name, type: 'ssh-key', user, generate: true })
const credentialOf = async (name: string) => (await hosts.show(name)).credentialName
const problem = (of: Promise<unknown>) =>
  of.then(
    () => 'fine',
    (error: Problem) => error.code,
  )
const establish = (more: Partial<Parameters<TrustService['establish']>[1]> = {}) =>
  trust.establish(test.admin, {
    selector: '*',
    credential: 'fleet',
    user,
    password,
    passwords: {},
    ...more,
  })

describe('establishing trust', () => {
  it('puts the key with the password, logs in with the key, and makes it the credential', async () => {
    const { publicKey } = await key('fleet')
    const run = await establish()
    expect(run).toMatchObject({
      module: 'trust.establish',
      total: 3,
      params: { credential: 'fleet', user },
    })
    const [first, verify, ...more] = await chain()
    expect(first).toMatchObject({ id: run.id, state: 'succeeded', counts: { ok: 3 }, changed: 3 })
    expect(verify).toMatchObject({
      module: 'trust.verify',
      counts: { ok: 3 },
      params: { of: run.id },
    })
    expect(more).toEqual([])
    expect(keysOf('web-1')).toBe(`${publicKey} omserver\n`)
    expect(await credentialOf('web-3')).toBe('fleet')
    expect(opened.map(({ kind }) => kind)).toEqual([
      ...Array(3).fill('password'),
      ...Array(3).fill('ssh-key'),
    ])
    const { items } = await test.activity.list({ what: 'hosts.setCredential' }, { limit: 9 })
    expect(items).toMatchObject([
      { hosts: ['web-1', 'web-2', 'web-3'], after: { credential: 'fleet' } },
    ])
  })

  it('says by reason where it did not work, and leaves those hosts as they were', async () => {
    await key('fleet')
    const old = await credentials.add(test.admin, {
      name: 'old',
      type: 'password',
      user,
      password: 'x',
    })
    await hosts.setLabels(test.admin, { selector: '*', set: {}, credential: 'old' })
    broken.set('web-3', 'ssh-key')
    await establish({
      password: undefined,
      passwords: { 'web-1': password, 'web-2': 'wrong', 'web-3': password },
    })
    const [first, verify] = await chain()
    expect(first).toMatchObject({ state: 'failed', counts: { ok: 2, unreachable: 1 } })
    expect(verify).toMatchObject({ counts: { ok: 1, unreachable: 1 } })
    const rows = await runs.service.reader.allHosts(first?.id ?? '')
    expect(rows.map(({ name, reason }) => [name, reason])).toEqual([
      ['web-1', null],
      ['web-2', 'authFailed'],
      ['web-3', null],
    ])
    expect(await Promise.all(['web-1', 'web-2', 'web-3'].map(credentialOf))).toEqual([
      'fleet',
      'old',
      'old',
    ])
    expect((await credentials.find('old'))?.id).toBe(old.id)
  })

  it('keeps the password nowhere, and forgets it with the run', async () => {
    await key('fleet')
    const run = await establish()
    await chain()
    const { dataDir } = test.services
    for (const file of ['omserver.db', 'omserver.db-wal'])
      expect(readFileSync(join(dataDir, file)).includes(password)).toBe(false)
    expect(JSON.stringify(await runs.service.show(test.admin, run.id))).not.toContain(password)
    expect(await problem(runs.service.secrets.credential(`once:${run.id}`))).toBe(
      'CREDENTIAL_UNKNOWN',
    )
  })

  it('does not go on after a person has stopped it', async () => {
    await key('fleet')
    await controller.stop()
    const run = await establish()
    await runs.service.abort(test.admin, run.id)
    await startFakeController(test.services.engine, ['default'], () => ({}), 'c2')
    expect(summary(await chain())).toEqual([['trust.establish', 0]])
    expect(await credentialOf('web-1')).toBeNull()
  })

  it.each([
    ['a credential that is no key', { credential: 'pw' }, 'TRUST_NEEDS_KEY'],
    ['a credential that is not there', { credential: 'none' }, 'CREDENTIAL_UNKNOWN'],
    ['no hosts', { selector: 'idc=none' }, 'SELECTOR_EMPTY'],
    [
      'a host without a password',
      { password: undefined, passwords: { 'web-1': 'x' } },
      'TRUST_PASSWORD_MISSING',
    ],
    ['a password for a host not chosen', { passwords: { 'web-9': 'x' } }, 'SELECTOR_UNKNOWN_NAMES'],
    ['another number of hosts than agreed to', { confirmHosts: 2 }, 'COUNT_MISMATCH'],
    ['the server itself', { selector: 'localhost' }, 'TRUST_LOCAL'],
  ])('refuses %s before anything runs', async (_, input, code) => {
    await key('fleet')
    await credentials.add(test.admin, { name: 'pw', type: 'password', user, password: 'x' })
    await hosts.add(test.admin, { name: 'localhost', address: '127.0.0.1', driver: 'local' })
    expect(await problem(establish({ selector: 'web-*', ...input }))).toBe(code)
    expect(launched).toEqual([])
  })
})

describe('rotating keys', () => {
  const trustFirst = async () => {
    const [one, two] = [await key('one'), await key('two')]
    await establish({ credential: 'one' })
    await chain()
    launched = []
    return { one: one.publicKey ?? '', two: two.publicKey ?? '' }
  }
  const rotate = (more: Partial<Parameters<TrustService['rotate']>[1]> = {}) =>
    trust.rotate(test.admin, { selector: '*', from: 'one', to: 'two', removeOld: true, ...more })

  it('removes the old key only where the new one was seen to work', async () => {
    const { one, two } = await trustFirst()
    await controller.stop()
    controller = await startFakeController(
      test.services.engine,
      ['default'],
      (host, slice) => {
        // The second login of web-3, with the new key, meets a network that fails.
        if (host.name === 'web-3' && slice.action.kind === 'shell')
          return { unstarted: true, end: { state: 'unreachable', reason: 'refused' } }
        return behave(host, slice)
      },
      'c2',
    )
    await rotate()
    expect(summary(await chain())).toEqual([
      ['trust.rotate', 3],
      ['trust.verify', 2],
      ['trust.removeKey', 2],
    ])
    expect(keysOf('web-1')).toBe(`${two} omserver\n`)
    expect(keysOf('web-3')).toBe(`${one} omserver\n${two} omserver\n`)
    expect(await Promise.all(['web-1', 'web-2', 'web-3'].map(credentialOf))).toEqual([
      'two',
      'two',
      'one',
    ])
  })

  it('keeps the old key when asked to', async () => {
    const { one, two } = await trustFirst()
    await rotate({ removeOld: false })
    expect(summary(await chain())).toEqual([
      ['trust.rotate', 3],
      ['trust.verify', 3],
    ])
    expect(keysOf('web-2')).toBe(`${one} omserver\n${two} omserver\n`)
    expect(await credentialOf('web-2')).toBe('two')
  })

  it('refuses the same key twice, which it would remove in the end', async () => {
    await key('one')
    const { id } = await key('two')
    expect(await problem(rotate({ to: 'one' }))).toBe('TRUST_SAME_KEY')
    const privateKey = (await credentials.login((await credentials.find('one'))?.id ?? ''))
      .privateKey
    await credentials.change(test.admin, id, { key: privateKey?.reveal() ?? '' })
    expect(await problem(rotate())).toBe('TRUST_SAME_KEY')
  })
})

describe('the connectivity check', () => {
  it('logs in with the credential of each host and changes nothing', async () => {
    await key('fleet')
    await establish({ selector: 'web-1' })
    await chain()
    const run = await trust.check(test.admin, { selector: 'web-[1-2]' })
    expect((await chain()).at(-1)).toMatchObject({
      id: run.id,
      module: 'trust.check',
      counts: { ok: 1, unreachable: 1 },
    })
    const rows = await runs.service.reader.allHosts(run.id)
    expect(rows.map(({ reason }) => reason)).toEqual([null, 'noCredential'])
  })

  it('needs a grant for every host', async () => {
    const operator = {
      ...test.admin,
      role: 'operator' as const,
      permissions: permissionsOf('operator'),
      grants: [{ id: 'g', modules: ['trust.check'], selector: 'idc=sz' }],
    }
    expect(await problem(trust.check(operator, { selector: 'web-1' }))).toBe('GRANT_MISSING')
    await hosts.setLabels(test.admin, { selector: 'web-1', set: { idc: 'sz' } })
    expect((await trust.check(operator, { selector: 'web-1' })).total).toBe(1)
    await chain()
  })
})
