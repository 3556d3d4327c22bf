// Hosts on a real database: what may be stored, what is refused whole, what other replicas see, which keys are trusted.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fingerprintOf } from '../fingerprint.ts'
import type { HostDirectory } from './directory.ts'
import { createHosts } from './index.ts'
import { type HostsTest, problem, replicaOf, startHosts } from './testing/start-hosts.ts'

let test: HostsTest['test']
let one: HostsTest['one']
let add: HostsTest['add']
let namesOf: HostsTest['namesOf']
let logged: HostsTest['logged']
beforeEach(async () => {
  ;({ test, one, add, namesOf, logged } = await startHosts())
})
afterEach(() => test[Symbol.asyncDispose]())

describe('hosts', () => {
  it('are stored with everything a person says of them, and recorded', async () => {
    const credential = await one.credentials.add(test.admin, {
      name: 'lab',
      type: 'password',
      user: 'root',
      password: 'x',
    })
    const jump = await add('跳板-1', { address: 'fd00::1', port: 2222 })
    const host = await add('web-1', {
      outerAddress: '1.2.3.4',
      labels: { idc: 'sz', 业务: '商城' },
      credential: 'lab',
      jumpHost: '跳板-1',
      encoding: 'gb18030',
    })
    expect(host).toMatchObject({
      name: 'web-1',
      port: 22,
      driver: 'ssh',
      outerAddress: '1.2.3.4',
      labels: { idc: 'sz', 业务: '商城' },
      credentialId: credential.id,
      credentialName: 'lab',
      jumpHostId: jump.id,
      jumpHostName: '跳板-1',
      encoding: 'gb18030',
      hostKey: null,
      lastRun: null,
    })
    expect(await one.hosts.show('web-1')).toEqual(host)
    expect(await logged('hosts.add')).toMatchObject([
      { subject: 'web-1', hosts: ['web-1'], after: { credential: 'lab', jumpHost: '跳板-1' } },
      { subject: '跳板-1' },
    ])
  })

  it.each([
    ['a name twice', { name: 'taken' }, 'HOST_EXISTS'],
    ['a name of selector signs', { name: 'a,b' }, 'HOST_NAME_BAD'],
    ['a bad address', { address: '10.0.0.256' }, 'HOST_ADDRESS_BAD'],
    ['a bad outer address', { outerAddress: 'a b' }, 'HOST_ADDRESS_BAD'],
    ['a line break in a label', { labels: { idc: 'a\nb' } }, 'LABEL_BAD'],
    ['an encoding nobody knows', { encoding: 'klingon' }, 'ENCODING_UNKNOWN'],
    ['a credential that is not there', { credential: 'none' }, 'CREDENTIAL_UNKNOWN'],
    ['a jump host that is not there', { jumpHost: 'none' }, 'JUMP_UNKNOWN'],
  ])('refuses %s and stores nothing', async (_, input, code) => {
    await add('taken')
    expect(await problem(add('new', input))).toBe(code)
    expect(await namesOf('*')).toEqual(['taken'])
  })

  it('changes what is given, empties what is null, and leaves the rest', async () => {
    const { id } = await add('web-1', {
      outerAddress: '1.1.1.1',
      labels: { idc: 'sz' },
      encoding: 'gbk',
    })
    test.pass(1000)
    const changed = await one.hosts.change(test.admin, id, { name: 'web-2', outerAddress: null })
    expect(changed).toMatchObject({
      name: 'web-2',
      outerAddress: null,
      labels: { idc: 'sz' },
      encoding: 'gbk',
    })
    expect(changed.updatedAt - changed.createdAt).toBe(1000)
    const [entry] = await logged('hosts.change')
    expect(entry).toMatchObject({
      before: { name: 'web-1', outerAddress: '1.1.1.1' },
      after: { name: 'web-2', outerAddress: null },
    })
    expect(await problem(one.hosts.change(test.admin, 'nobody', {}))).toBe('HOST_UNKNOWN')
  })

  it('refuses jump hosts that lead in a circle', async () => {
    const a = await add('a')
    await add('b', { jumpHost: 'a' })
    await add('c', { jumpHost: 'b' })
    const refused = await one.hosts.change(test.admin, a.id, { jumpHost: 'c' }).catch((e) => e)
    expect(refused).toMatchObject({ code: 'JUMP_CYCLE', details: { hosts: 'a → c → b → a' } })
    expect(await problem(one.hosts.change(test.admin, a.id, { jumpHost: 'a' }))).toBe('JUMP_CYCLE')
  })

  it('removes just the number a person agreed to, and no jump host that is in use', async () => {
    await add('jump')
    await add('web-1', { jumpHost: 'jump' })
    await add('web-2')
    const remove = (selector: string, count: number) =>
      one.hosts.remove(test.admin, { selector, count })
    expect(await problem(remove('*', 2))).toBe('COUNT_MISMATCH')
    expect(await problem(remove('jump', 1))).toBe('HOST_IS_JUMP')
    expect(await problem(remove('web-9', 0))).toBe('SELECTOR_UNKNOWN_NAMES')
    expect(await problem(remove('idc=none', 0))).toBe('SELECTOR_EMPTY')
    expect(await namesOf('*')).toHaveLength(3)
    expect(await remove('jump web-1', 2)).toBe(2)
    expect(await namesOf('*')).toEqual(['web-2'])
    expect((await logged('hosts.remove'))[0]).toMatchObject({ hosts: ['jump', 'web-1'] })
  })

  it('sets and removes labels in bulk, and says how many hosts are different', async () => {
    await add('a', { labels: { env: 'dev', idc: 'sz' } })
    await add('b', { labels: { env: 'prod' } })
    const set = { env: 'prod', idc: null }
    expect(await one.hosts.setLabels(test.admin, { selector: '*', set })).toBe(1)
    expect((await one.hosts.show('a')).labels).toEqual({ env: 'prod' })
    expect((await logged('hosts.setLabels'))[0]).toMatchObject({
      hosts: ['a'],
      before: [{ name: 'a', labels: { env: 'dev', idc: 'sz' } }],
    })
    expect(await problem(one.hosts.setLabels(test.admin, { selector: 'x=y', set }))).toBe(
      'SELECTOR_EMPTY',
    )
  })

  it('pages by name as people count, and finds words in any part', async () => {
    for (const n of [10, 2, 1, 11]) await add(`web-${n}`, { labels: { app: 'Nginx' } })
    await add('db-1', { address: '10.9.9.9' })
    const seen: string[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await one.hosts.list({ limit: 2, cursor })
      expect(page.total).toBe(5)
      seen.push(...page.items.map(({ name }) => name))
      if (page.next === null) break
      cursor = page.next
    }
    expect(seen).toEqual(['db-1', 'web-1', 'web-2', 'web-10', 'web-11'])
    const found = async (text: string) =>
      (await one.hosts.list({ limit: 9, text })).items.map((h) => h.name)
    expect(await found('nginx 11')).toEqual(['web-11'])
    expect(await found('10.9')).toEqual(['db-1'])
    expect((await one.hosts.list({ limit: 9, selector: 'app=Nginx', text: 'web-1' })).total).toBe(3)
    // The host of the cursor may be gone by the time the next page is asked for.
    expect((await one.hosts.list({ limit: 1, cursor: 'web-3' })).items[0]?.name).toBe('web-10')
  })

  it('notices what another replica did, and does not write over it', async () => {
    const other = replicaOf(test)
    await add('a')
    expect(await namesOf('*', other.directory)).toEqual(['a'])
    const before = await one.directory.rev()
    await other.hosts.add(test.admin, { name: 'b', address: '10.0.0.2' })
    expect(await namesOf('*')).toEqual(['a', 'b'])
    expect(await one.directory.rev()).toBeGreaterThan(before)
    expect(await problem(add('b'))).toBe('HOST_EXISTS')
    await Promise.all([
      one.hosts.setLabels(test.admin, { selector: '*', set: { x: '1' } }),
      other.hosts.setLabels(test.admin, { selector: '*', set: { y: '2' } }),
    ])
    expect((await one.hosts.show('a')).labels).toEqual({ x: '1', y: '2' })
    expect((await other.hosts.show('b')).labels).toEqual({ x: '1', y: '2' })
  })

  it('counts labels and resolves selectors', async () => {
    await add('a', { labels: { idc: 'sz', env: 'prod' } })
    await add('b', { labels: { idc: 'sz' } })
    await add('c')
    expect(await one.hosts.labels()).toEqual([
      { name: 'env', values: [{ value: 'prod', hosts: 1 }] },
      { name: 'idc', values: [{ value: 'sz', hosts: 2 }] },
    ])
    const resolved = await one.hosts.resolve('* nobody')
    expect(resolved).toMatchObject({
      total: 3,
      idcs: [
        { idc: 'sz', hosts: 2 },
        { idc: 'default', hosts: 1 },
      ],
      unknown: ['nobody'],
    })
    expect(await problem(one.hosts.resolve('a,,'))).toBe('SELECTOR_SYNTAX')
  })

  it('shows the last run of each host', async () => {
    const { id } = await add('a')
    await storeResult(id, 'run-1', 'failed', 100)
    await storeResult(id, 'run-2', 'ok', 200)
    expect((await one.hosts.show('a')).lastRun).toEqual({ runId: 'run-2', state: 'ok', at: 200 })
  })
})

describe('host keys', () => {
  const first = { type: 'ssh-ed25519', key: 'Zmlyc3Q=' }
  const second = { type: 'ssh-rsa', key: 'c2Vjb25k' }
  const seen = (hostKey: typeof first, directory: HostDirectory = one.directory) =>
    directory.keySeen({ address: '10.0.0.1', port: 22, hostKey })
  const accessOf = async (name: string) => {
    const host = await one.directory.byName(name)
    return host && (await one.directory.targetOf(host)).access
  }

  it('are pinned at first use, for every host of the same address and port', async () => {
    await add('a')
    await add('b')
    await add('c', { port: 2222 })
    await seen(first)
    expect((await accessOf('a'))?.hostKey).toEqual(first)
    expect((await accessOf('b'))?.hostKey).toEqual(first)
    expect((await accessOf('c'))?.hostKey).toBeUndefined()
    expect((await one.hosts.show('a')).hostKey).toEqual({
      ...first,
      fingerprint: fingerprintOf(first.key),
    })
  })

  it('stop a host when they change, until a person has compared the fingerprint', async () => {
    await add('a')
    await seen(first)
    await seen(second)
    await seen(second)
    expect((await accessOf('a'))?.hostKey).toEqual(first)
    const view = await one.hosts.show('a')
    expect(view.changedKey).toEqual({ ...second, fingerprint: fingerprintOf(second.key) })
    expect((await one.hosts.brief()).items[0]?.keyChanged).toBe(true)
    expect(await logged('hosts.keyChanged')).toMatchObject([{ actorName: 'system', hosts: ['a'] }])
    const accept = (fingerprint: string) => one.hosts.acceptKey(test.admin, view.id, fingerprint)
    expect(await problem(accept('SHA256:other'))).toBe('HOST_KEY_OTHER')
    expect((await accessOf('a'))?.hostKey).toEqual(first)
    const after = await accept(fingerprintOf(second.key))
    expect([after.hostKey?.key, after.changedKey]).toEqual([second.key, null])
    expect((await accessOf('a'))?.hostKey).toEqual(second)
    expect((await one.hosts.brief()).items[0]?.keyChanged).toBe(false)
    expect(await problem(accept(fingerprintOf(second.key)))).toBe('HOST_KEY_NOT_CHANGED')
  })

  it('stay as pinned when the person says the pinned one is right', async () => {
    const { id } = await add('a')
    await seen(first)
    await seen(second)
    const after = await one.hosts.acceptKey(test.admin, id, fingerprintOf(first.key))
    expect([after.hostKey?.key, after.changedKey]).toEqual([first.key, null])
  })

  it('are seen by thousands at once, by two replicas, and are all pinned', async () => {
    const other = replicaOf(test)
    const hostKey = (n: number) => ({ type: 'ssh-ed25519', key: `key${n}` })
    await Promise.all(
      Array.from({ length: 3000 }, (_, n) =>
        (n % 2 ? one : other).directory.keySeen({
          address: `10.1.${n >> 8}.${n & 255}`,
          port: 22,
          hostKey: hostKey(n),
        }),
      ),
    )
    for (const n of [0, 1, 1500, 2999]) await add(`h${n}`, { address: `10.1.${n >> 8}.${n & 255}` })
    for (const n of [0, 1, 1500, 2999])
      expect((await accessOf(`h${n}`))?.hostKey).toEqual(hostKey(n))
  })

  it('are forgotten with the last host of their place, and kept for the others', async () => {
    await add('a')
    const b = await add('b')
    await seen(first)
    await one.hosts.remove(test.admin, { selector: 'a', count: 1 })
    expect((await accessOf('b'))?.hostKey).toEqual(first)
    await one.hosts.change(test.admin, b.id, { address: '10.0.0.2' })
    await one.hosts.change(test.admin, b.id, { address: '10.0.0.1' })
    expect((await accessOf('b'))?.hostKey).toBeUndefined()
  })
})

describe('localhost', () => {
  it('is registered once: at the first start, and never again after somebody removed it', async () => {
    const parts = { credentials: one.credentials }
    await createHosts(test.services, parts).start?.()
    expect(await one.hosts.show('localhost')).toMatchObject({
      driver: 'local',
      address: '127.0.0.1',
    })
    await one.hosts.remove(test.admin, { selector: 'localhost', count: 1 })
    await createHosts(test.services, parts).start?.()
    expect(await namesOf('*')).toEqual([])
  })
})

const storeResult = async (hostId: string, runId: string, state: string, at: number) => {
  const { db } = test.services
  const text = {
    module: 'shell',
    module_title: '{}',
    params: '{}',
    selector: '',
    strategy: '{}',
    note: '',
  }
  const rest = { action: '{}', mask: '[]', batches: '[]', idcs: '[]', started_by: 'admin' }
  await db
    .insertInto('runs')
    .values({
      ...text,
      ...rest,
      id: runId,
      check_mode: 0,
      run_as: null,
      credential: null,
      table_spec: null,
      state: 'succeeded',
      stop_reason: null,
      total: 1,
      counts: null,
      changed: 0,
      batch: 0,
      actor_id: null,
      rerun_of: null,
      begun: null,
      output_bytes: 0,
      rev: 1,
      created_at: at,
      started_at: at,
      ended_at: at,
    })
    .execute()
  await db
    .insertInto('host_results')
    .values({
      run_id: runId,
      host_id: hostId,
      attempt: 1,
      position: 0,
      name: 'a',
      address: '',
      idc: 'sz',
      driver: 'ssh',
      batch: 0,
      slice_id: null,
      fence: 0,
      state,
      reason: null,
      message: null,
      exit: 0,
      changed: null,
      left_running: null,
      started_at: at,
      ended_at: at,
      duration_ms: 1,
      output_bytes: 0,
      truncated: 0,
      answer: null,
      rev: 1,
      target: null,
    })
    .execute()
}
