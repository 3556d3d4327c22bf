// Trust from the password to the credential of the host. Runs, database and engine are real; a host is a home folder
// in which the real /bin/sh carries the actions out, behind a login that looks into its real authorized_keys.

import type { RunView } from '@omserver/api'
import type { LoginSecret, Problem } from '@omserver/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { permissionsOf } from '../access/index.ts'
import type { CredentialService } from '../credentials/index.ts'
import type { HostService } from '../hosts/service.ts'
import { isStored } from '../testing/test-database.ts'
import type { TestServices } from '../testing/test-services.ts'
import type { TrustService } from './service.ts'
import {
  hostNames,
  password,
  startTrustServer,
  type TrustServer,
  user,
} from './testing/trust-server.ts'

let server: TrustServer
let test: TestServices
let credentials: CredentialService
let hosts: HostService
let trust: TrustService
let opened: readonly LoginSecret[]
let keysOf: TrustServer['keysOf']
/** Runs that the test is not about. */
let before: ReadonlySet<string>

beforeEach(async () => {
  before = new Set()
  server = await startTrustServer()
  ;({ test, credentials, hosts, trust, opened, keysOf } = server)
})
afterEach(() => server.close())

/** The runs that were launched, in order, each as it ended. */
const chain = async (): Promise<readonly RunView[]> => {
  await server.settled()
  const { items } = await server.runs.reader.list(test.admin, {}, { limit: 20 })
  const launched = items.filter(({ id }) => !before.has(id)).reverse()
  return Promise.all(launched.map(({ id }) => server.ended(id)))
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
    // Under a name of that run alone: a connection that is open already cannot stand in for the login.
    expect(new Set(opened.slice(3).map(({ id }) => id))).toEqual(
      new Set([`fresh:${verify?.id}:${(await credentials.find('fleet'))?.id}`]),
    )
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
    server.broken.set('web-3', 'ssh-key')
    await establish({
      password: undefined,
      passwords: { 'web-1': password, 'web-2': 'wrong', 'web-3': password },
    })
    const [first, verify] = await chain()
    expect(first).toMatchObject({ state: 'failed', counts: { ok: 2, unreachable: 1 } })
    expect(verify).toMatchObject({ counts: { ok: 1, unreachable: 1 } })
    const rows = await server.runs.reader.allHosts(first?.id ?? '')
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
    expect(await isStored(test.services.dataDir, password)).toBe(false)
    expect(JSON.stringify(await server.runs.show(test.admin, run.id))).not.toContain(password)
    expect(await problem(server.runs.secrets.credential(`once:${run.id}`))).toBe(
      'CREDENTIAL_UNKNOWN',
    )
  })

  it('does not go on after a person has stopped it', async () => {
    await key('fleet')
    await server.withoutController()
    const run = await establish()
    await server.runs.abort(test.admin, run.id)
    await server.withController(() => ({}))
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
    expect(await chain()).toEqual([])
  })
})

describe('rotating keys', () => {
  const trustFirst = async () => {
    const [one, two] = [await key('one'), await key('two')]
    await establish({ credential: 'one' })
    before = new Set((await chain()).map(({ id }) => id))
    return { one: one.publicKey ?? '', two: two.publicKey ?? '' }
  }
  const rotate = (more: Partial<Parameters<TrustService['rotate']>[1]> = {}) =>
    trust.rotate(test.admin, { selector: '*', from: 'one', to: 'two', removeOld: true, ...more })

  it('removes the old key only where the new one was seen to work', async () => {
    const { one, two } = await trustFirst()
    await server.withController((host, slice) => {
      // The second login of web-3, with the new key, meets a network that fails.
      if (host.name === 'web-3' && slice.action.kind === 'shell')
        return { unstarted: true, end: { state: 'unreachable', reason: 'refused' } }
      return server.behave(host, slice)
    })
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

describe('trust as task modules', () => {
  type Launch = Parameters<TrustServer['runs']['launch']>[1]
  const launch = (module: string, params: Launch['params'], more: Partial<Launch> = {}) =>
    server.runs.launch(test.admin, {
      module,
      params,
      selector: '*',
      check: false,
      strategy: {},
      note: '',
      ...more,
    })

  it('is launched like any other, with one password for all and one of its own for a host', async () => {
    await key('fleet')
    const passwords = `web-1 ${password}\nweb-2,wrong`
    const run = await launch('trust.establish', { credential: 'fleet', user, password, passwords })
    expect(run).toMatchObject({ module: 'trust.establish', total: 3 })
    expect(summary(await chain())).toEqual([
      ['trust.establish', 2],
      ['trust.verify', 2],
    ])
    expect(await Promise.all(hostNames.map(credentialOf))).toEqual(['fleet', null, 'fleet'])
  })

  it('a request sent twice is one run', async () => {
    await key('fleet')
    const id = test.services.newId()
    const params = { credential: 'fleet', user, password }
    const first = await launch('trust.establish', params, { id })
    expect((await launch('trust.establish', params, { id })).id).toBe(first.id)
    expect((await chain()).length).toBe(2)
  })

  it('shows beforehand what it does on the hosts, and in check mode does nothing', async () => {
    await key('fleet')
    const input = {
      module: 'trust.establish',
      params: { credential: 'fleet', password },
      selector: '*',
      check: false,
      strategy: {},
      note: '',
    }
    const preview = await server.runs.preview(test.admin, input)
    expect(preview).toMatchObject({ total: 3, problems: [], refused: null })
    expect(JSON.stringify(preview.preview)).toContain('authorized_keys')
    expect(JSON.stringify(preview)).not.toContain(password)
    const run = await launch('trust.establish', input.params, { check: true })
    await server.ended(run.id)
    expect((await chain()).map(({ counts }) => counts.skipped)).toEqual([3])
    expect(keysOf('web-1')).toBe('')
  })

  it.each([
    ['no credential', {}, {}, 'credential'],
    ['a parameter that is none', { credential: 'fleet', port: 1 }, {}, 'port'],
    ['a line without a password', { credential: 'fleet', passwords: 'web-1' }, {}, 'passwords'],
    [
      'another account to run as',
      { credential: 'fleet', password: 'x' },
      { runAs: { user: 'root', method: 'sudo' as const } },
      'runAs',
    ],
  ])('%s is refused by name; nothing runs', async (_, params, more, culprit) => {
    await key('fleet')
    const refused = launch('trust.establish', params, more)
    await expect(refused).rejects.toMatchObject({
      code: 'PARAMS_INVALID',
      details: { fields: [{ field: culprit }] },
    })
    expect(await chain()).toEqual([])
  })

  it('a grant for it is not enough to hand out keys', async () => {
    await key('fleet')
    const operator = {
      ...test.admin,
      role: 'operator' as const,
      permissions: permissionsOf('operator'),
      grants: [{ id: 'g', modules: ['*'], selector: '*' }],
    }
    const input = { selector: '*', check: false, strategy: {}, note: '' }
    const params = { credential: 'fleet', user, password }
    const establish = { ...input, module: 'trust.establish', params }
    expect(await problem(server.runs.launch(operator, establish))).toBe('FORBIDDEN')
    expect((await server.runs.preview(operator, establish)).refused).not.toBeNull()
    const check = { ...input, module: 'trust.check', params: {} }
    expect(await problem(server.runs.launch(operator, check))).toBe('fine')
    await chain()
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
    const rows = await server.runs.reader.allHosts(run.id)
    expect(rows.map(({ reason }) => reason)).toEqual([null, 'noCredential'])
    // Under a name of that run alone, so that it logs in anew.
    expect(opened.at(-1)?.id).toBe(`fresh:${run.id}:${(await credentials.find('fleet'))?.id}`)
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
