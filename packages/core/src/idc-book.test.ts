import { expect, it } from 'vitest'
import { cutDirect, type DirectSubmission, directRunOf, parseSubmission } from './direct-run.ts'
import { type BookHost, hostsToBegin, type IdcBook, selectIn, targetIn } from './idc-book.ts'

const host = (n: number, more: Partial<BookHost> = {}): BookHost => ({
  id: `h${n}`,
  name: `web-${n}`,
  address: `10.0.0.${n}`,
  port: 22,
  driver: 'ssh',
  labels: { idc: 'sz', app: n % 2 === 0 ? 'nginx' : 'mysql' },
  ...more,
})

const book: IdcBook = {
  idc: 'sz',
  number: 7,
  until: 1_000,
  hosts: [1, 2, 3, 4].map((n) => host(n)),
  groups: [['front', 'app=nginx']],
  users: [
    { client: 'root', name: 'root', role: 'admin', grants: [] },
    {
      client: 'wei.sz',
      name: 'wei',
      role: 'operator',
      grants: [{ id: 'g', modules: ['system.*'], selector: '@front' }],
    },
    {
      client: 'ann',
      name: 'ann',
      role: 'viewer',
      grants: [{ id: 'v', modules: ['*'], selector: '*' }],
    },
  ],
  settings: { confirmAbove: 10, concurrency: 100, hostTimeoutMs: 60_000 },
}

const wanted = (more: Partial<DirectSubmission> = {}): DirectSubmission =>
  parseSubmission({
    runId: '0199a1b2-0000-7000-8000-000000000001',
    idc: 'sz',
    client: 'wei.sz',
    at: 5,
    book: 7,
    epoch: 'e1',
    module: 'system.uptime',
    params: {},
    selector: 'app=nginx',
    check: false,
    action: { kind: 'shell', command: ['uptime'] },
    strategy: { concurrency: 100, hostTimeoutMs: 60_000, retries: 0 },
    hosts: [2, 4].map((n) => ({ hostId: `h${n}`, name: `web-${n}`, driver: 'ssh' })),
    ...more,
  })

it('lets a user begin what the grants allow, on hosts that the book has', () => {
  expect(hostsToBegin(book, wanted()).map(({ name }) => name)).toEqual(['web-2', 'web-4'])
  expect(hostsToBegin(book, wanted({ client: 'root', module: 'shell' }))).toHaveLength(2)
})

it('refuses what the server would refuse, and who is not in the book', () => {
  const refused = (more: Partial<DirectSubmission>) => () => hostsToBegin(book, wanted(more))
  const one = (n: number) => [{ hostId: `h${n}`, name: `web-${n}`, driver: 'ssh' as const }]
  expect(refused({ module: 'shell' })).toThrow('GRANT_MISSING')
  expect(refused({ hosts: one(1) })).toThrow('GRANT_MISSING')
  expect(refused({ client: 'ann' })).toThrow('FORBIDDEN')
  expect(refused({ client: 'eve' })).toThrow('DIRECT_NOT_ALLOWED')
})

it('refuses hosts that are not as they were shown, and a host named twice', () => {
  const hosts = wanted().hosts
  const renamed = hosts.map((one) => ({ ...one, name: `${one.name}x` }))
  expect(() => hostsToBegin(book, wanted({ hosts: renamed }))).toThrow('DIRECT_HOSTS_CHANGED')
  const twice = [...hosts, ...hosts]
  expect(() => hostsToBegin(book, wanted({ hosts: twice }))).toThrow('DIRECT_HOSTS_CHANGED')
})

it('selects as the server does, and names what no host has', () => {
  expect(selectIn(book, '@front').map(({ name }) => name)).toEqual(['web-2', 'web-4'])
  expect(() => selectIn(book, 'web-9')).toThrow('SELECTOR_UNKNOWN_NAMES')
  expect(() => selectIn(book, 'app=redis')).toThrow(/SELECTOR_(EMPTY|UNKNOWN_NAMES)/)
})

it('reaches a host as its slice would say', () => {
  const key = { type: 'ssh-ed25519', key: 'AAAA' }
  const jump = { address: '10.9.9.9', port: 22 }
  const target = targetIn(host(1, { credentialId: 'c1', hostKey: key, jumps: [jump] }))
  expect(target).toMatchObject({
    hostId: 'h1',
    access: { address: '10.0.0.1', port: 22, credentialId: 'c1', hostKey: key },
    jumps: [jump],
    vars: { 'host.labels.app': 'mysql' },
  })
})

it('cuts a run the same way for everybody, within its concurrency', () => {
  const hosts = Array.from({ length: 600 }, (_, n) => ({
    hostId: `h${n}`,
    name: `n${n}`,
    driver: n < 100 ? ('sim' as const) : ('ssh' as const),
  }))
  const runId = wanted().runId
  for (const concurrency of [4, 7, 100, 10_000]) {
    const strategy = { concurrency, hostTimeoutMs: 1_000, retries: 0 as const }
    const slices = cutDirect({ runId, hosts, strategy })
    expect(slices.flatMap(({ positions }) => positions).toSorted((a, b) => a - b)).toEqual([
      ...hosts.keys(),
    ])
    expect(slices.every(({ positions }) => positions.length <= 256)).toBe(true)
    expect(slices.reduce((sum, one) => sum + one.concurrency, 0)).toBeLessThanOrEqual(concurrency)
    expect(slices.every(({ sliceId }) => directRunOf(sliceId) === runId)).toBe(true)
    expect(new Set(slices.map(({ sliceId }) => sliceId)).size).toBe(slices.length)
  }
  expect(directRunOf(runId)).toBeUndefined()
})
