// What the controllers of an IDC are told: written where clients are allowed, anew when it would be another one.

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Host, Secret } from '@omserver/core'
import {
  BOOK_KEY,
  bookPieceKey,
  controllerSealing,
  embeddedEngine,
  makeSealKeys,
  openBook,
  readBookHead,
  serverOpeningKey,
} from '@omserver/engine'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { openDb } from '../db/index.ts'
import { defaultSettings } from '../settings/index.ts'
import { handBackDatabaseOf, placeOf } from '../testing/test-database.ts'
import type { DirectParts } from './parts.ts'
import { bookPublisher } from './publisher.ts'
import { directService } from './service.ts'
import { books, saveClient } from './table.ts'

const IDC = 'sz'
const HOUR = 3_600_000
const c1 = makeSealKeys()

const hostOf = (name: string, more: Partial<Host> = {}): Host => ({
  id: name,
  name,
  address: '10.0.0.1',
  port: 22,
  driver: 'ssh',
  labels: { idc: IDC },
  credentialId: 'lab',
  ...more,
})

const setUp = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'om-books-'))
  let now = 1_800_000_000_000
  const clock = { now: () => now, monotonic: () => now }
  const log = pino({ level: 'silent' })
  const db = await openDb({ folder, place: await placeOf(folder), log, now: clock.now })
  const engine = embeddedEngine()
  onTestFinished(async () => {
    await engine.close()
    await db.destroy()
    await handBackDatabaseOf(folder)
    rmSync(folder, { recursive: true, force: true })
  })
  const state = {
    rev: 1,
    hosts: [
      hostOf('web-1'),
      hostOf('own', { driver: 'local' }),
      hostOf('far', { labels: { idc: 'bj' } }),
    ],
    disabled: false,
    sealKeys: [c1.publicKey] as readonly string[],
  }
  const account = {
    id: 'u1',
    name: 'wei',
    displayName: '',
    role: 'operator',
    passwordHash: '',
    mustChangePassword: false,
    passwordIs: 'own',
    passwordSetAt: 0,
  } as const
  const parts: DirectParts = {
    hosts: {
      all: async () => state.hosts,
      rev: async () => state.rev,
      groups: async () => new Map([['front', 'app=nginx']]),
      targetsOf: async (hosts) =>
        hosts.map((host) => ({
          hostId: host.id,
          name: host.name,
          access: { address: host.address, port: 22, hostKey: { type: 'ssh-ed25519', key: 'AA' } },
          jumps: [{ address: '10.9.9.9', port: 22, credentialId: 'gate' }],
          vars: {},
        })),
    },
    accounts: {
      byId: async () => ({ ...account, disabled: state.disabled }),
      byName: async () => ({ ...account, disabled: state.disabled }),
      actorOf: async () => ({ grants: [{ id: 'g', modules: ['system.*'], selector: '*' }] }),
    },
    credentials: {
      list: async () => [{ id: 'lab', updatedAt: 1 }],
      login: async (id) => ({
        id,
        version: 1,
        user: 'ops',
        kind: 'password',
        password: new Secret(id),
      }),
    },
    settings: { read: async () => defaultSettings },
    sealKeysOf: async () => state.sealKeys,
    masterKey: randomBytes(32),
    signing: undefined,
    bookMs: 24 * HOUR,
  }
  const publisher = bookPublisher({ db, engine, clock, log }, parts, () =>
    serverOpeningKey(parts.masterKey),
  )
  const read = async () => {
    const head = readBookHead(await engine.intent.get(IDC, BOOK_KEY))
    if (!head) return undefined
    const pieces: string[] = []
    for (let n = 0; n < head.pieces; n++) {
      pieces.push(String(await engine.books.get(IDC, bookPieceKey(head.number, n))))
    }
    const opened = await openBook(IDC, head, pieces, (await controllerSealing(c1.privateKey)).own)
    return { ...opened, head }
  }
  const wei = { idc: IDC, client: 'wei', user_id: 'u1', allowed_at: 1, allowed_by: 'admin' }
  const allow = () => saveClient(db, { ...wei, denied_at: null })
  const deny = () => saveClient(db, { ...wei, denied_at: 2 })
  return {
    db,
    engine,
    publisher,
    state,
    parts,
    read,
    allow,
    deny,
    services: { db, engine, clock, log },
    pass: (ms: number): void => {
      now += ms
    },
  }
}

test('a book has the hosts of its IDC, the ways in, and who may what there', async () => {
  const { publisher, read, allow, parts } = await setUp()
  await publisher.look()
  expect(await read()).toBeUndefined()
  await allow()
  await publisher.look()
  const written = await read()
  // The server’s own machine, and other IDCs, are nobody’s there.
  expect(written?.book.hosts.map(({ name }) => name)).toEqual(['web-1'])
  expect(written?.book.hosts[0]).toMatchObject({
    hostKey: { type: 'ssh-ed25519' },
    jumps: [{ credentialId: 'gate' }],
  })
  expect(Object.keys(written?.secrets.logins ?? {})).toEqual(['lab', 'gate'])
  expect(written?.book.users).toMatchObject([{ client: 'wei', name: 'wei', role: 'operator' }])
  const servers = await serverOpeningKey(parts.masterKey)
  expect(written?.head.recipients).toEqual([c1.publicKey, servers.publicKey])
})

test('it is written anew when it would be another one, and when half of its time is over', async () => {
  const { publisher, read, allow, state, pass, engine } = await setUp()
  await allow()
  const numberAfter = async (change: () => unknown): Promise<number> => {
    await change()
    pass(1_000)
    await publisher.look()
    return (await read())?.book.number ?? 0
  }
  const first = await numberAfter(() => undefined)
  expect(await numberAfter(() => undefined)).toBe(first)
  const second = await numberAfter(() => state.rev++)
  expect(second).toBeGreaterThan(first)
  expect((await engine.books.all(IDC)).size).toBe(1)
  const third = await numberAfter(() => {
    state.disabled = true
  })
  expect(third).toBeGreaterThan(second)
  expect((await read())?.book.users).toEqual([])
  expect(
    await numberAfter(() => {
      state.sealKeys = [c1.publicKey, makeSealKeys().publicKey]
    }),
  ).toBeGreaterThan(third)
  const before = (await read())?.book.number ?? 0
  expect(await numberAfter(() => pass(11 * HOUR))).toBe(before)
  expect(await numberAfter(() => pass(2 * HOUR))).toBeGreaterThan(before)
})

test('it is taken away with the last client, and never written where nobody could read it', async () => {
  const { publisher, read, allow, deny, db, engine, state } = await setUp()
  await allow()
  state.sealKeys = []
  await publisher.look()
  expect(await read()).toBeUndefined()
  expect(publisher.troubles().get(IDC)?.en).toContain('No controller is enrolled')
  state.sealKeys = [c1.publicKey]
  await publisher.look()
  expect(publisher.troubles().size).toBe(0)
  expect(await books(db)).toHaveLength(1)
  state.sealKeys = []
  await publisher.look()
  expect((await engine.books.all(IDC)).size).toBe(0)
  state.sealKeys = [c1.publicKey]
  await publisher.look()
  expect((await read())?.book.number).toBeDefined()
  await deny()
  await publisher.look()
  expect(await read()).toBeUndefined()
  expect((await engine.books.all(IDC)).size).toBe(0)
  expect(await books(db)).toEqual([])
})

test('a client of the register that bears the name of a user is allowed, until the CA revokes it or a person denies it', async () => {
  const { publisher, parts, services } = await setUp()
  const recorded: string[] = []
  let issued = [{ idc: IDC, client: 'wei' }]
  const known = (name: string) => (name === 'wei' ? parts.accounts.byName(name) : undefined)
  const service = directService(
    {
      ...services,
      activity: {
        record: async ({ name }, { what, subject }) => {
          recorded.push(`${name} ${what} ${subject}`)
        },
      },
    },
    {
      ...parts,
      accounts: { ...parts.accounts, byName: async (name) => known(name) },
      issuedClients: async () => issued,
    },
    { publisher, serverKey: () => serverOpeningKey(parts.masterKey) },
  )
  const allowed = async () => (await service.list()).items.map(({ client }) => client)
  await service.followCa()
  await service.followCa()
  expect(await allowed()).toEqual(['wei'])
  issued = [{ idc: IDC, client: 'nobody' }]
  await service.followCa()
  expect(await allowed()).toEqual([])
  expect(recorded).toEqual(['system clients.allow wei', 'system clients.deny wei'])
})

test('whom a person has denied the register does not allow again', async () => {
  const { publisher, parts, services, deny } = await setUp()
  const service = directService(
    { ...services, activity: { record: async () => undefined } },
    { ...parts, issuedClients: async () => [{ idc: IDC, client: 'wei' }] },
    { publisher, serverKey: () => serverOpeningKey(parts.masterKey) },
  )
  await deny()
  await service.followCa()
  expect((await service.list()).items).toEqual([])
})
