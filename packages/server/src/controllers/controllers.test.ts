// Controllers as people see them, on the real server with the embedded engine and with nats-server.

import { controllerRoutes, hostRoutes, runRoutes } from '@omserver/api'
import { makeSealKeys } from '@omserver/engine'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

let test: TestServer
beforeAll(async () => {
  test = await startTestServer()
})
afterAll(() => test.close())

const list = () => test.admin.call(controllerRoutes.list, {})
const announce = (idc: string, more: object = {}) =>
  test.engine.presence.put(idc, 'controller:c1', {
    name: 'c1',
    at: 1,
    startedAt: 1,
    version: '0.1.0',
    host: 'box',
    drivers: ['ssh'],
    slices: 0,
    inFlight: 3,
    load: 0.5,
    draining: false,
    ...more,
  })

describe('without sealing', () => {
  it('says of an IDC that nobody serves what is wrong and what to do, also on its runs', async () => {
    await test.admin.call(hostRoutes.add, {
      body: { name: 'far-1', address: '192.0.2.1', driver: 'sim', labels: { idc: 'far' } },
    })
    const { idcs } = await list()
    const far = idcs.find(({ idc }) => idc === 'far')
    expect(far).toMatchObject({ hosts: 1, controllers: 0 })
    expect(far?.troubles[0]?.todo.en).toContain('om controller')
    const run = await test.admin.call(runRoutes.launch, {
      body: { module: 'system.uptime', params: {}, selector: 'far-1', confirmHosts: 1 },
    })
    const { waitsFor } = await test.admin.call(runRoutes.show, { params: { id: run.id } })
    expect(waitsFor).toMatchObject([{ idc: 'far' }])
    await announce('far')
    const served = await test.admin.call(runRoutes.show, { params: { id: run.id } })
    expect(served.waitsFor).toEqual([])
    expect((await list()).items).toMatchObject([
      { name: 'c1', state: 'online', presence: { inFlight: 3 }, troubles: [] },
    ])
  })

  it('names the version of a controller that it cannot read, and counts nobody else as silent', async () => {
    await test.engine.presence.put('far', 'controller:c9', { unreadableVersion: 3 })
    const { items, idcs } = await list()
    expect(items.find(({ name }) => name === 'c9')?.troubles.map(({ what }) => what.en)).toEqual([
      'It speaks version 3 of the protocol, which this server does not read.',
    ])
    expect(idcs.find(({ idc }) => idc === 'far')).toMatchObject({ controllers: 1, troubles: [] })
    await test.engine.presence.remove('far', 'controller:c9')
  })

  it('says that results of an IDC are not stored, and why', async () => {
    const { health } = test.engine
    const detail = 'events cannot be stored: message 3 cannot be read: a message of version 3'
    Object.assign(test.engine, { health: async () => ({ ok: false, detail, stuck: true }) })
    try {
      const far = (await list()).idcs.find(({ idc }) => idc === 'far')
      expect(far?.troubles.map(({ what }) => what.en)).toEqual([
        `Results of this IDC are not stored for now: ${detail}`,
      ])
    } finally {
      Object.assign(test.engine, { health })
    }
  })

  it('drains one that is there, and says so on the board it reads', async () => {
    const params = { name: 'c1' }
    await test.admin.call(controllerRoutes.drain, { params, body: { drain: true } })
    expect((await test.engine.intent.all('far')).get('controller:c1')).toEqual({ want: 'drain' })
    await announce('far', { draining: true })
    expect((await list()).items[0]?.state).toBe('draining')
    expect((await list()).idcs.find(({ idc }) => idc === 'far')?.controllers).toBe(0)
    await test.admin.call(controllerRoutes.drain, { params, body: { drain: false } })
    expect((await test.engine.intent.all('far')).get('controller:c1')).toBeUndefined()
  })

  it('says of one that refuses what nobody signed what it was, and for a day', async () => {
    const refused = { count: 2, what: 'slice', key: 's1', why: 'it is not signed' }
    await announce('far', { refused: { ...refused, at: Date.now() - 3_600_000 } })
    const [told] = (await list()).items[0]?.troubles ?? []
    expect(told?.what.en).toContain('s1 (it is not signed)')
    expect(told?.what.zh).toMatch(/2 条.*分片 s1/)
    await announce('far', { refused: { ...refused, at: Date.now() - 90_000_000 } })
    expect((await list()).items[0]?.troubles).toEqual([])
    await announce('far', { refused: 'nonsense' })
    expect((await list()).items[0]?.state).toBe('online')
    await announce('far')
  })

  it('enrols and revokes also where the engine does not answer, and says that it cannot drain there', async () => {
    const { publicKey: sealKey } = makeSealKeys()
    const { intent } = test.engine
    const never = () => new Promise<void>(() => {})
    const { put, remove } = intent
    Object.assign(intent, { put: never, remove: never })
    try {
      const body = { name: 'c3', idc: 'cut', sealKey }
      const params = { name: 'c3' }
      expect(await test.admin.call(controllerRoutes.enroll, { body })).toMatchObject({ name: 'c3' })
      await expect(
        test.admin.call(controllerRoutes.drain, { params, body: { drain: true } }),
      ).rejects.toMatchObject({ code: 'BUS_TIMEOUT' })
      expect(await test.admin.call(controllerRoutes.revoke, { params })).toMatchObject({
        state: 'revoked',
      })
    } finally {
      Object.assign(intent, { put, remove })
    }
  })

  it('enrols once, keeps the key, and revokes for good', async () => {
    const { publicKey } = makeSealKeys()
    const body = { name: 'c2', idc: 'far', sealKey: publicKey }
    const enrolled = await test.admin.call(controllerRoutes.enroll, { body })
    expect(enrolled).toMatchObject({ state: 'offline', enrolled: { by: 'admin' }, revoked: null })
    expect(enrolled.troubles).toHaveLength(1)
    await expect(test.admin.call(controllerRoutes.enroll, { body })).rejects.toMatchObject({
      code: 'CONTROLLER_EXISTS',
    })
    const params = { name: 'c2' }
    const revoked = await test.admin.call(controllerRoutes.revoke, { params })
    expect(revoked).toMatchObject({ state: 'revoked', revoked: { by: 'admin' } })
    await expect(
      test.admin.call(controllerRoutes.revoke, { params: { name: 'nobody' } }),
    ).rejects.toMatchObject({ code: 'CONTROLLER_UNKNOWN' })
  })
})
