// Whom a real server enrols by the certificates that `om pki` issues, and whom it does not take back.

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { activityRoutes, authRoutes, controllerRoutes, createClient } from '@omserver/api'
import { embeddedEngine, makeSealKeys, signHello, signingOf } from '@omserver/engine'
import { createServer } from '@omserver/server'
import { expect, onTestFinished, test } from 'vitest'
import { initAuthority } from './authority.ts'
import { natsOptionsOf } from './bundle.ts'
import { type CaFolder, issue, renew, revoke } from './issuing.ts'
import { readRegister, revokedControllers } from './register.ts'

const PASSWORD = 'correct horse battery'
const clock = { now: () => Date.now(), monotonic: () => performance.now() }
const soon = { timeout: 30_000, interval: 50 }
const newSerial = (): string => `40${randomBytes(15).toString('hex')}`

const setUp = async (more: { readonly readsRegister?: boolean } = {}) => {
  const home = mkdtempSync(join(tmpdir(), 'om-enrolment-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const ca: CaFolder = { dir: join(home, 'ca'), now: Date.now(), newSerial }
  await initAuthority(ca, 'Acme')
  const bundle = (kind: 'server' | 'controller', name: string, days = 365) =>
    issue(ca, {
      ...{ kind, name, days, addresses: [], servers: ['tls://nats:4222'] },
      idc: kind === 'server' ? undefined : 'sz',
    })
  const web = await bundle('server', 'web')
  const signingIn = async (folder: string) => {
    const signing = await signingOf(natsOptionsOf(folder), clock)
    if (!signing) throw new Error('no certificates')
    return signing
  }
  const engine = embeddedEngine()
  const server = await createServer({
    dataDir: join(home, 'data'),
    port: 0,
    adminPassword: PASSWORD,
    checkAnswers: true,
    engine,
    clock,
    certificates: {
      signing: await signingIn(web.folder),
      idcs: async () => ['sz'],
      revoked: more.readsRegister
        ? async () => revokedControllers(readRegister(ca.dir))
        : undefined,
    },
  })
  onTestFinished(async () => {
    await server.close()
    await engine.close()
  })
  const client = createClient({ baseUrl: await server.listen(), keepCookies: true })
  await client.call(authRoutes.login, { body: { name: 'admin', password: PASSWORD } })

  /** As a controller does that holds this folder, perhaps under another name or with another key. */
  const announce = async (
    folder: string,
    name: string,
    sealKey: string | undefined,
    hello: 'shown' | 'hidden' = 'shown',
  ): Promise<void> => {
    const key = sealKey ?? ''
    const who = { idc: 'sz', name, sealKey: key }
    const shown = hello === 'shown' ? await signHello(await signingIn(folder), who) : undefined
    const presence = { name, sealKey: key, ...(shown && { hello: { ...shown } }) }
    await engine.presence.put('sz', `controller:${name}`, presence)
  }
  const list = async () => (await client.call(controllerRoutes.list, {})).items
  const found = async (name: string) => (await list()).find((one) => one.name === name)
  const stateOf = async (name: string) => (await found(name))?.enrolled?.how
  return { ca, client, bundle, announce, found, stateOf }
}

test('a controller that shows its certificate is enrolled, once, and the log says by which', async () => {
  const { client, bundle, announce, found, stateOf } = await setUp()
  const { folder, entry } = await bundle('controller', 'c1', 10)
  await announce(folder, 'c1', entry.sealKey)
  await expect.poll(() => stateOf('c1'), soon).toBe('certificate')
  await announce(folder, 'c1', entry.sealKey)
  const c1 = await found('c1')
  expect(c1).toMatchObject({
    sealKey: entry.sealKey,
    certificate: { generation: 1, endsAt: entry.endsAt },
  })
  expect(c1?.troubles[0]?.todo.en).toContain('om pki renew DIR c1')
  const { items } = await client.call(activityRoutes.list, { query: { what: 'controllers' } })
  expect(items).toMatchObject([
    {
      what: 'controllers.enroll',
      subject: 'c1',
      actorName: 'system',
      after: {
        certificate: { serial: c1?.certificate?.serial, sha256: c1?.certificate?.fingerprint },
      },
    },
  ])
})

test('who shows none, another’s, or his own with another key or name, is not enrolled', async () => {
  const { bundle, announce, found, stateOf } = await setUp()
  const [c1, c2] = [await bundle('controller', 'c1'), await bundle('controller', 'c2')]
  const { publicKey } = makeSealKeys()
  await announce(c1.folder, 'hidden', c1.entry.sealKey, 'hidden')
  await announce(c1.folder, 'c3', c1.entry.sealKey)
  await announce(c2.folder, 'c2', publicKey)
  await announce(c1.folder, 'c1', c1.entry.sealKey)
  await expect.poll(() => stateOf('c1'), soon).toBe('certificate')
  for (const name of ['hidden', 'c2', 'c3'])
    expect((await found(name))?.enrolled ?? null).toBeNull()
})

test('one that was revoked stays revoked, renewed or not, and one that is issued anew is enrolled', async () => {
  const { ca, client, bundle, announce, found, stateOf } = await setUp()
  const first = await bundle('controller', 'c1')
  await announce(first.folder, 'c1', first.entry.sealKey)
  await expect.poll(() => stateOf('c1'), soon).toBe('certificate')
  await client.call(controllerRoutes.revoke, { params: { name: 'c1' } })
  await announce(first.folder, 'c1', first.entry.sealKey)
  const renewed = await renew(ca, 'c1', 700)
  await announce(renewed.folder, 'c1', renewed.entry.sealKey)
  const other = await bundle('controller', 'c2')
  await announce(other.folder, 'c2', other.entry.sealKey)
  await expect.poll(() => stateOf('c2'), soon).toBe('certificate')
  expect((await found('c1'))?.revoked).toMatchObject({ by: 'admin' })

  await revoke(ca, 'c1')
  const second = await bundle('controller', 'c1')
  await announce(second.folder, 'c1', second.entry.sealKey)
  await expect.poll(async () => (await found('c1'))?.revoked, soon).toBeNull()
  expect(await found('c1')).toMatchObject({
    sealKey: second.entry.sealKey,
    certificate: { generation: 2 },
  })
  // The one of before is no way back.
  await announce(`${first.folder}.revoked-1`, 'c1', first.entry.sealKey)
  await announce(other.folder, 'c2', other.entry.sealKey)
  expect(await found('c1')).toMatchObject({ certificate: { generation: 2 }, revoked: null })
})

test('a renewed certificate goes on, and its later end is known', async () => {
  const { ca, bundle, announce, found, stateOf } = await setUp()
  const first = await bundle('controller', 'c1', 10)
  await announce(first.folder, 'c1', first.entry.sealKey)
  await expect.poll(() => stateOf('c1'), soon).toBe('certificate')
  const { entry, folder } = await renew(ca, 'c1', 300)
  await announce(folder, 'c1', entry.sealKey)
  await expect.poll(async () => (await found('c1'))?.certificate?.endsAt, soon).toBe(entry.endsAt)
  expect((await found('c1'))?.troubles).toEqual([])
})

test('whom a person has enrolled keeps that, with what the certificate adds; whom he has revoked stays so', async () => {
  const { client, bundle, announce, found } = await setUp()
  const c1 = await bundle('controller', 'c1')
  const body = { name: 'c1', idc: 'sz', sealKey: c1.entry.sealKey ?? '' }
  await client.call(controllerRoutes.enroll, { body })
  await announce(c1.folder, 'c1', c1.entry.sealKey)
  await expect.poll(async () => (await found('c1'))?.certificate?.generation, soon).toBe(1)
  expect((await found('c1'))?.enrolled).toMatchObject({ by: 'admin', how: 'person' })

  const { publicKey: sealKey } = makeSealKeys()
  await client.call(controllerRoutes.enroll, { body: { name: 'c2', idc: 'sz', sealKey } })
  await client.call(controllerRoutes.revoke, { params: { name: 'c2' } })
  const c2 = await bundle('controller', 'c2')
  await announce(c2.folder, 'c2', c2.entry.sealKey)
  const mark = await bundle('controller', 'c3')
  await announce(mark.folder, 'c3', mark.entry.sealKey)
  await expect.poll(async () => (await found('c3'))?.enrolled?.how, soon).toBe('certificate')
  expect((await found('c2'))?.revoked).not.toBeNull()
})

test('beside the folder of the CA, whom it revokes is revoked here, and not enrolled first', async () => {
  const { ca, client, bundle, announce, found, stateOf } = await setUp({ readsRegister: true })
  const c1 = await bundle('controller', 'c1')
  await announce(c1.folder, 'c1', c1.entry.sealKey)
  await expect.poll(() => stateOf('c1'), soon).toBe('certificate')
  await revoke(ca, 'c1')
  await expect.poll(async () => (await found('c1'))?.revoked?.by, soon).toBe('system')
  const { items } = await client.call(activityRoutes.list, {
    query: { what: 'controllers.revoke' },
  })
  expect(items).toMatchObject([{ subject: 'c1', actorName: 'system' }])
  const again = await bundle('controller', 'c1')
  await announce(again.folder, 'c1', again.entry.sealKey)
  await expect.poll(async () => (await found('c1'))?.certificate?.generation, soon).toBe(2)
  expect((await found('c1'))?.revoked).toBeNull()
})
