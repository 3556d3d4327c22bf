// Many hosts at once on a real database: the ways to them, groups, what an import does, the simulated fleet.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type HostsTest, problem, startHosts } from './testing/start-hosts.ts'

let test: HostsTest['test']
let one: HostsTest['one']
let add: HostsTest['add']
let namesOf: HostsTest['namesOf']
let logged: HostsTest['logged']
beforeEach(async () => {
  ;({ test, one, add, namesOf, logged } = await startHosts())
})
afterEach(() => test[Symbol.asyncDispose]())

const file = (text: string) => Buffer.from(text).toString('base64')

describe('the directory', () => {
  it('gives each target its way: own access, then jump hosts from the outermost', async () => {
    const { credentials } = one
    const key = await credentials.add(test.admin, {
      name: 'k',
      type: 'ssh-key',
      user: 'ops',
      generate: true,
    })
    const other = await credentials.add(test.admin, {
      name: 'o',
      type: 'ssh-key',
      user: 'ops',
      generate: true,
    })
    await add('outer', { address: '1.1.1.1' })
    await add('inner', { address: '10.0.0.9', jumpHost: 'outer', credential: 'k' })
    await add('web', {
      address: '10.0.0.2',
      port: 2022,
      jumpHost: 'inner',
      credential: 'k',
      labels: { idc: 'sz' },
    })
    await one.directory.keySeen({
      address: '10.0.0.9',
      port: 22,
      hostKey: { type: 'ssh-ed25519', key: 'AAAA' },
    })
    const { hosts } = await one.directory.select('web')
    const [target] = await one.directory.targetsOf(hosts, { credentialId: other.id })
    expect(target).toMatchObject({
      name: 'web',
      access: { address: '10.0.0.2', port: 2022, credentialId: other.id, hostKey: undefined },
      jumps: [
        { address: '1.1.1.1', port: 22, credentialId: undefined },
        {
          address: '10.0.0.9',
          credentialId: key.id,
          hostKey: { type: 'ssh-ed25519', key: 'AAAA' },
        },
      ],
      vars: { 'host.name': 'web', 'host.address': '10.0.0.2', 'host.labels.idc': 'sz' },
    })
    const web = await one.directory.byName('web')
    expect(web && (await one.directory.targetOf(web)).access.credentialId).toBe(key.id)
  })
})

describe('groups', () => {
  it('count their hosts, may be used in selectors, and keep their names while they are', async () => {
    await add('a', { labels: { idc: 'sz' } })
    await add('b')
    const sz = await one.groups.add(test.admin, { name: '深圳', selector: 'idc=sz' })
    expect(sz).toMatchObject({ name: '深圳', hosts: 1 })
    const rest = await one.groups.add(test.admin, { name: 'rest', selector: '* !@深圳' })
    expect(rest.hosts).toBe(1)
    expect(await namesOf('@rest')).toEqual(['b'])
    expect(await problem(one.groups.remove(test.admin, sz.id))).toBe('GROUP_IN_USE')
    expect(await problem(one.groups.change(test.admin, sz.id, { name: 'x' }))).toBe('GROUP_IN_USE')
    expect(await problem(one.groups.change(test.admin, sz.id, { selector: '@rest' }))).toBe(
      'GROUP_CYCLE',
    )
    expect(await one.groups.list()).toMatchObject([
      { name: 'rest', hosts: 1 },
      { name: '深圳', selector: 'idc=sz' },
    ])
    await one.groups.remove(test.admin, rest.id)
    await one.groups.change(test.admin, sz.id, { name: 'sz', selector: 'idc=sz a' })
    expect(await one.directory.groups()).toEqual(new Map([['sz', 'idc=sz a']]))
    expect((await logged('groups.change'))[0]).toMatchObject({
      before: { name: '深圳' },
      after: { name: 'sz' },
    })
  })

  it.each([
    ['a name twice', { name: 'g', selector: '*' }, 'GROUP_EXISTS'],
    ['itself', { name: 'me', selector: 'a @me' }, 'GROUP_CYCLE'],
    ['a group that is not there', { name: 'x', selector: '@none' }, 'GROUP_UNKNOWN'],
    ['what does not parse', { name: 'x', selector: 'a,b=' }, 'SELECTOR_SYNTAX'],
    ['no name', { name: ' ', selector: '*' }, 'GROUP_NAME_BAD'],
  ])('refuse %s', async (_, input, code) => {
    await one.groups.add(test.admin, { name: 'g', selector: '*' })
    expect(await problem(one.groups.add(test.admin, input))).toBe(code)
    expect(await one.groups.list()).toHaveLength(1)
  })
})

describe('an import', () => {
  const yaml = `hosts:
  - { name: web-1, address: 10.0.0.11, jump: gate, labels: { idc: sz, app: nginx } }
  - { name: gate, address: 10.0.0.1, port: 2222, credential: lab }
`
  beforeEach(() =>
    one.credentials.add(test.admin, { name: 'lab', type: 'password', user: 'root', password: 'x' }),
  )

  it('adds what is new, and a second time changes nothing', async () => {
    const input = { content: file(yaml), fileName: 'hosts.yaml' }
    expect(await one.imports.preview(input)).toMatchObject({
      format: 'yaml',
      add: 2,
      update: 0,
      same: 0,
      problems: [],
    })
    expect(await namesOf('*')).toEqual([])
    expect(await one.imports.import(test.admin, input)).toEqual({ added: 2, updated: 0, same: 0 })
    expect(await one.hosts.show('web-1')).toMatchObject({ jumpHostName: 'gate', port: 22 })
    expect(await one.imports.import(test.admin, input)).toEqual({ added: 0, updated: 0, same: 2 })
    expect(await logged('hosts.import')).toHaveLength(1)
  })

  it('updates only the fields that the file states', async () => {
    await add('web-1', {
      address: '10.0.0.9',
      port: 2022,
      credential: 'lab',
      labels: { idc: 'bj', env: 'prod' },
    })
    const content = file('name,address,label:idc\nweb-1,10.0.0.11,sz\n')
    const preview = await one.imports.preview({ content, fileName: 'a.csv' })
    expect(preview.rows).toEqual([
      {
        line: 2,
        name: 'web-1',
        address: '10.0.0.11',
        port: 2022,
        labels: { idc: 'sz', env: 'prod' },
        what: 'update',
        changes: [
          { field: 'address', from: '10.0.0.9', to: '10.0.0.11' },
          { field: 'labels.idc', from: 'bj', to: 'sz' },
        ],
      },
    ])
    await one.imports.import(test.admin, { content, fileName: 'a.csv' })
    expect(await one.hosts.show('web-1')).toMatchObject({
      address: '10.0.0.11',
      port: 2022,
      credentialName: 'lab',
      labels: { idc: 'sz', env: 'prod' },
    })
  })

  it('names every bad line in both languages and imports nothing', async () => {
    const content = file(`hosts:
  - { name: good, address: 10.0.0.1 }
  - { name: a, address: 10.0.0.1, credential: none }
  - { name: b, address: 10.0.0.2, jump: nobody }
  - { name: c, address: 10.0.0.3, jump: d }
  - { name: d, address: 10.0.0.4, jump: c }
  - { name: e, address: 10.0.0.400 }
`)
    const { problems } = await one.imports.preview({ content, fileName: 'x.yml' })
    expect(problems.map(({ line, code }) => [line, code])).toEqual([
      [3, 'CREDENTIAL_UNKNOWN'],
      [4, 'JUMP_UNKNOWN'],
      [5, 'JUMP_CYCLE'],
      [6, 'JUMP_CYCLE'],
      [7, 'HOSTS_FILE_ADDRESS'],
    ])
    expect(problems[0]?.message).toEqual({
      zh: '没有这个凭据：none',
      en: 'There is no credential none.',
    })
    const refused = await one.imports.import(test.admin, { content }).catch((error) => error)
    expect(refused).toMatchObject({ code: 'HOSTS_FILE_PROBLEMS', details: { count: 5, line: 3 } })
    expect(await namesOf('*')).toEqual([])
  })

  it('takes a pasted list with defaults, and knows the addresses again', async () => {
    await add('web-1', { address: '10.0.0.5' })
    const input = {
      content: file('10.0.0.5\n10.0.0.[6-7]\n'),
      format: 'list',
      defaults: { labels: { idc: 'sz' }, credential: 'lab' },
    } as const
    expect(await one.imports.import(test.admin, input)).toEqual({ added: 2, updated: 1, same: 0 })
    expect(await namesOf('idc=sz')).toEqual(['10.0.0.6', '10.0.0.7', 'web-1'])
    expect((await one.hosts.show('10.0.0.6')).credentialName).toBe('lab')
    expect(await one.imports.import(test.admin, input)).toEqual({ added: 0, updated: 0, same: 3 })
    expect(await problem(one.imports.preview({ ...input, defaults: { credential: 'none' } }))).toBe(
      'CREDENTIAL_UNKNOWN',
    )
    const through = { ...input, defaults: { jumpHost: 'none' } }
    expect(await problem(one.imports.preview(through))).toBe('JUMP_UNKNOWN')
  })
})

describe('the simulated fleet', () => {
  it('has the size asked for, keeps its hosts when resized, and leaves real ones alone', async () => {
    await add('sz-web-001', { labels: { demo: 'yes' } })
    expect(await one.demo.resize(test.admin, 200)).toEqual({ added: 199, removed: 0 })
    const before = (await one.directory.byName('bj-db-001'))?.id
    const { idcs } = await one.hosts.resolve('demo=yes')
    expect(idcs.map(({ idc }) => idc).sort()).toEqual(['bj', 'default', 'sh', 'sz'])
    expect(await one.demo.resize(test.admin, 300)).toEqual({ added: 100, removed: 0 })
    for (const confirmed of [undefined, 269]) {
      await expect(one.demo.resize(test.admin, 30, confirmed)).rejects.toMatchObject({
        code: 'DEMO_SHRINKS',
        details: { hosts: 30, removed: 270 },
      })
    }
    expect((await one.hosts.resolve('demo=yes')).total).toBe(300)
    expect(await one.demo.resize(test.admin, 30, 270)).toEqual({ added: 0, removed: 270 })
    expect((await one.directory.byName('bj-db-001'))?.id ?? before).toBe(before)
    expect(await one.demo.resize(test.admin, 0, 29)).toEqual({ added: 0, removed: 29 })
    expect(await namesOf('*')).toEqual(['sz-web-001'])
  })

  it('has a name and an address of its own for each of 100,000 hosts', async () => {
    const { demoFleet } = await import('./demo-fleet.ts')
    const fleet = demoFleet(100_000)
    expect(new Set(fleet.map(({ name }) => name)).size).toBe(100_000)
    expect(new Set(fleet.map(({ address }) => address)).size).toBe(100_000)
    expect(demoFleet(500)).toEqual(fleet.slice(0, 500))
  })
})
