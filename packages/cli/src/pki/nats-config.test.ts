// Who is in the configuration of nats-server, and with which words for which version.

import { expect, test } from 'vitest'
import { leafConfig, natsConfig, newIdcs } from './nats-config.ts'
import type { Entry, Register } from './register.ts'

const NOW = Date.UTC(2026, 5, 1)

const entry = (kind: Entry['kind'], name: string, more: Partial<Entry> = {}): Entry => ({
  kind,
  name,
  generation: 1,
  addresses: [],
  servers: [],
  certificate: '',
  issuedAt: 0,
  endsAt: NOW + 1,
  ...more,
})

const place = {
  tls: { cert: '/n/tls.crt', key: '/n/tls.key', ca: '/n/ca.crt' },
  listen: '0.0.0.0:4222',
  leafListen: '0.0.0.0:7422',
  storeDir: '/var/lib/na"ts',
  serverName: 'nats-1',
  knowsSync: true,
}

const usersOf = (register: Register): readonly (string | undefined)[] =>
  [...natsConfig(register, place, NOW).matchAll(/user: "([^"]*)"/g)].map(([, user]) => user)

test('each IDC has an account with its own people and every server', () => {
  const entries = [
    entry('server', 'web'),
    entry('controller', 'c1', { idc: 'sz' }),
    entry('controller', 'b1', { idc: 'bj' }),
    entry('client', 'alice', { idc: 'sz', generation: 3 }),
    entry('nats', 'nats-1'),
  ]
  expect(usersOf({ version: 1, organisation: 'x', entries })).toEqual([
    'om://om/hub/web/1',
    'om://om/server/bj/web/1',
    'om://om/controller/bj/b1/1',
    'om://om/server/sz/web/1',
    'om://om/controller/sz/c1/1',
    'om://om/client/sz/alice/3',
  ])
})

test('an IDC with a nats-server of its own has its people there; the hub knows that server, and no other use of its name', () => {
  const register = {
    version: 1 as const,
    organisation: 'x',
    entries: [
      entry('server', 'web'),
      entry('nats', 'hub-1'),
      entry('nats', 'sz-nats', { idc: 'sz' }),
      entry('controller', 'c1', { idc: 'sz' }),
      entry('controller', 'b1', { idc: 'bj' }),
    ],
  }
  expect(usersOf(register)).toEqual([
    'om://om/hub/web/1',
    'om://om/server/bj/web/1',
    'om://om/controller/bj/b1/1',
    'om://om/server/sz/web/1',
    'om://om/leaf/sz/sz-nats/1',
  ])
  const hub = natsConfig(register, place, NOW)
  expect(hub).toContain('om://om/leaf/sz/sz-nats/1", allowed_connection_types: [ LEAFNODE ]')
  expect(hub).toContain('leafnodes {\n  listen: "0.0.0.0:7422"')
  const leaf = leafConfig(register, 'sz', { ...place, hubs: ['hub:7422'] }, NOW)
  expect([...leaf.matchAll(/user: "([^"]*)"/g)].map(([, user]) => user)).toEqual([
    'om://om/controller/sz/c1/1',
  ])
  expect(leaf).toContain('domain: "idc-sz"')
  expect(leaf).toContain('"tls://hub:7422"')
})

test('who is revoked or has ended is left out; the account stays, with what is stored in it', () => {
  const entries = [
    entry('server', 'old', { endsAt: NOW - 1 }),
    entry('controller', 'c1', { idc: 'sz', revokedAt: NOW - 5 }),
    entry('controller', 'c1', { idc: 'sz', generation: 2, endsAt: NOW - 1 }),
  ]
  const register = { version: 1 as const, organisation: 'x', entries }
  expect(usersOf(register)).toEqual([])
  expect(natsConfig(register, place, NOW)).toContain('IDC_sz {')
})

test('older nats-servers are not told what they refuse, and quotes stay quotes', () => {
  const register = { version: 1 as const, organisation: 'x', entries: [] }
  const modern = natsConfig(register, place, NOW)
  expect(modern).toContain('sync_interval: always')
  expect(modern).toContain('store_dir: "/var/lib/na\\"ts"')
  expect(natsConfig(register, { ...place, knowsSync: false }, NOW)).not.toContain('sync_interval')
})

test('an IDC that a configuration does not have yet is told from one that it has', () => {
  const sz = entry('controller', 'c1', { idc: 'sz' })
  const before = natsConfig({ version: 1, organisation: 'x', entries: [sz] }, place, NOW)
  const entries = [
    sz,
    entry('controller', 's1', { idc: 's' }),
    entry('client', 'bob', { idc: 'sz' }),
  ]
  expect(newIdcs({ version: 1, organisation: 'x', entries }, before)).toEqual(['s'])
})
