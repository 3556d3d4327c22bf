// Credentials on a real database: sealed at rest, never read back, opened for a login.

import type { Problem } from '@omserver/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { insertRows } from '../db/index.ts'
import { isStored } from '../testing/test-database.ts'
import { startServices, type TestServices } from '../testing/test-services.ts'
import { generateKey } from './private-key.ts'
import { type CredentialService, credentialService } from './service.ts'

let test: TestServices
let credentials: CredentialService
beforeEach(async () => {
  test = await startServices()
  credentials = credentialService(test.services)
})
afterEach(() => test[Symbol.asyncDispose]())

const problem = (of: Promise<unknown>) =>
  of.then(
    () => 'fine',
    (error: Problem) => error.code,
  )
const password = { name: 'lab', type: 'password', user: 'root', password: 'hunter2 很长' } as const

describe('credentials', () => {
  it('opens for a login what was given, and keeps none of it readable', async () => {
    const { id } = await credentials.add(test.admin, password)
    const login = await credentials.login(id)
    expect(login).toMatchObject({ id, user: 'root', kind: 'password', version: 1 })
    expect(login.password?.reveal()).toBe('hunter2 很长')
    const answers = JSON.stringify([await credentials.list(), await credentials.find('lab'), login])
    expect(answers).not.toContain('hunter2')
    expect(await isStored(test.services.dataDir, 'hunter2')).toBe(false)
    const { items } = await test.activity.list({}, { limit: 10 })
    expect(items.map((item) => [item.what, item.subject])).toEqual([['credentials.add', 'lab']])
    expect(JSON.stringify(items)).not.toContain('hunter2')
  })

  it('makes a key pair and shows its public half and fingerprint only', async () => {
    const view = await credentials.add(test.admin, {
      name: 'fleet',
      type: 'ssh-key',
      user: 'ops',
      generate: true,
    })
    expect(view.publicKey).toMatch(/^ssh-ed25519 AAAA\S+$/)
    expect(view.fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/)
    const { privateKey } = await credentials.login(view.id)
    expect(privateKey?.reveal()).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n/)
    expect(await credentials.find(view.id)).toEqual({
      id: view.id,
      name: 'fleet',
      user: 'ops',
      type: 'ssh-key',
      publicKey: view.publicKey,
    })
  })

  it('is sealed to its own row: a blob moved to another row does not open', async () => {
    const one = await credentials.add(test.admin, password)
    const two = await credentials.add(test.admin, { ...password, name: 'other' })
    const { db } = test.services
    const { sealed } = await db
      .selectFrom('credentials')
      .select('sealed')
      .where('id', '=', one.id)
      .executeTakeFirstOrThrow()
    await db.updateTable('credentials').set({ sealed }).where('id', '=', two.id).execute()
    expect(await problem(credentials.login(two.id))).toBe('SEAL_BROKEN')
  })

  it('counts its version up when a login changes, and not for a new name', async () => {
    const { id } = await credentials.add(test.admin, password)
    await credentials.change(test.admin, id, { name: 'renamed' })
    expect((await credentials.login(id)).version).toBe(1)
    await credentials.change(test.admin, id, { password: 'next' })
    await credentials.change(test.admin, id, { user: 'ops' })
    const login = await credentials.login(id)
    expect([login.version, login.user, login.password?.reveal()]).toEqual([3, 'ops', 'next'])
    expect(await credentials.names()).toEqual(new Map([[id, 'renamed']]))
    const { items } = await test.activity.list({ what: 'credentials.change' }, { limit: 10 })
    expect(items.map((item) => item.after)).toMatchObject([
      { user: 'ops', replaced: false },
      { replaced: true },
      { name: 'renamed', replaced: false },
    ])
  })

  it('gives two changes at the same time a version each', async () => {
    const { id } = await credentials.add(test.admin, password)
    const change = (next: string) => credentials.change(test.admin, id, { password: next })
    await Promise.all([change('one'), change('two')])
    expect((await credentials.login(id)).version).toBe(3)
  })

  it.each([
    ['a name twice', { ...password, name: 'taken' }, 'CREDENTIAL_EXISTS'],
    ['no password', { name: 'a', type: 'password', user: 'root' }, 'CREDENTIAL_INCOMPLETE'],
    ['no key', { name: 'a', type: 'ssh-key', user: 'root' }, 'CREDENTIAL_INCOMPLETE'],
    [
      'a passphrase alone',
      { name: 'a', type: 'ssh-key', user: 'root', passphrase: 'x' },
      'CREDENTIAL_INCOMPLETE',
    ],
    ['a key for a password', { ...password, name: 'a', key: 'x' }, 'CREDENTIAL_MISFIT'],
    ['a password for the agent', { ...password, name: 'a', type: 'agent' }, 'CREDENTIAL_MISFIT'],
    [
      'a key besides a made one',
      { name: 'a', type: 'ssh-key', user: 'r', generate: true, key: 'x' },
      'CREDENTIAL_MISFIT',
    ],
    ['a broken key', { name: 'a', type: 'ssh-key', user: 'root', key: 'x' }, 'CREDENTIAL_KEY_BAD'],
  ] as const)('refuses %s and stores nothing', async (_, input, code) => {
    await credentials.add(test.admin, { ...password, name: 'taken' })
    expect(await problem(credentials.add(test.admin, input))).toBe(code)
    expect(await credentials.list()).toHaveLength(1)
  })

  it('changes nothing when the new key does not parse', async () => {
    const { id } = await credentials.add(test.admin, {
      name: 'k',
      type: 'ssh-key',
      user: 'root',
      key: generateKey().privateKey,
    })
    const before = await credentials.login(id)
    expect(await problem(credentials.change(test.admin, id, { name: 'k2', key: 'junk' }))).toBe(
      'CREDENTIAL_KEY_BAD',
    )
    expect(await credentials.login(id)).toEqual(before)
    expect((await credentials.find(id))?.name).toBe('k')
  })

  it('stays while hosts use it, and names them', async () => {
    const { id } = await credentials.add(test.admin, password)
    const at = test.services.clock.now()
    const host = (name: string, credential_id: string | null) => ({
      id: `h-${name}`,
      name,
      address: '10.0.0.1',
      outer_address: null,
      port: 22,
      driver: 'ssh',
      labels: '{}',
      credential_id,
      jump_host_id: null,
      encoding: null,
      created_at: at,
      updated_at: at,
    })
    await insertRows(test.services.db, 'hosts', [host('web-1', id), host('web-2', null)])
    expect((await credentials.list())[0]?.hosts).toBe(1)
    const refused = await credentials.remove(test.admin, id).catch((error: Problem) => error)
    expect(refused).toMatchObject({
      code: 'CREDENTIAL_IN_USE',
      details: { credential: 'lab', count: 1, hosts: 'web-1' },
    })
    await test.services.db.deleteFrom('hosts').execute()
    await credentials.remove(test.admin, id)
    expect(await problem(credentials.login(id))).toBe('CREDENTIAL_UNKNOWN')
    expect(await problem(credentials.remove(test.admin, id))).toBe('CREDENTIAL_UNKNOWN')
  })
})
