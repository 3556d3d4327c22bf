// Runs over an engine that outlives the server, and that may lose its store: real nats-server, real SQLite.

import { connectNatsEngine, type Engine, UNBEGUN } from '@omserver/engine'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type NatsServer, startNatsServer } from '../../../../e2e/support/nats-server.ts'
import { missingTools } from '../../../../scripts/needs.ts'
import { type Behaviour, startFakeController } from './testing/fake-controller.ts'
import { fakeFleet, fakeHost } from './testing/fake-fleet.ts'
import { type RunServer, startRunServer } from './testing/run-server.ts'

const fleetOf = (count: number, idc = 'default') =>
  fakeFleet(Array.from({ length: count }, (_, n) => fakeHost(`h-${n}`, idc)))

describe.skipIf(missingTools(['nats-server']).length > 0)('a run over nats', () => {
  let nats: NatsServer
  let prefixes = 0

  beforeAll(async () => {
    nats = await startNatsServer()
  }, 60_000)
  afterAll(() => nats?.stop())

  const engines = () => {
    const prefix = `runs${++prefixes}`
    const options = { servers: nats.url, prefix, leaseMs: 2_000 }
    return {
      forServer: () => connectNatsEngine({ ...options, identity: 'server' }),
      async forController(): Promise<Engine> {
        const role = 'controller' as const
        const engine = await connectNatsEngine({ ...options, identity: 'c1', role })
        onTestFinished(() => engine.close())
        return engine
      },
    }
  }

  const open = async (count: number) => {
    const { forServer, forController } = engines()
    const server = await startRunServer(fleetOf(count), undefined, forServer)
    // A controller waits for an IDC that the server has made.
    await server.engine.ensure('default')
    return { server, engine: await forController() }
  }

  test('what ends while the server is away counts once it is back, and nothing runs twice', async () => {
    const { server: before, engine } = await open(20)
    const reached = Promise.withResolvers<void>()
    const isBack = Promise.withResolvers<void>()
    const controller = await startFakeController(engine, ['default'], (host): Behaviour => {
      if (host.name === 'h-3') reached.resolve()
      const held = host.name === 'h-3'
      return {
        output: [['stdout', `${host.name}\n`]],
        answer: 'a',
        ...(held ? { until: isBack.promise } : {}),
      }
    })
    const { id } = await before.launch({
      module: 'echo',
      selector: '*',
      strategy: { concurrency: 4 },
    })
    await reached.promise
    await before.startedHosts(id, 4)
    const server = await before.crash()
    onTestFinished(() => server[Symbol.asyncDispose]())
    isBack.resolve()
    expect(await server.ended(id)).toMatchObject({ state: 'succeeded', counts: { ok: 20 } })
    expect([...controller.started.values()]).toEqual(Array(20).fill(1))
    const { items } = await server.results(id)
    expect(items.map(({ outputBytes }) => outputBytes)).toEqual(
      items.map(({ name }) => name.length + 1),
    )
    await expect
      .poll(() => server.engine.queue.depth('default'), { timeout: 15_000 })
      .toEqual({ waiting: 0, leased: 0 })
  })

  const loseStore = async (): Promise<void> => {
    await nats.kill()
    await nats.wipe()
    await nats.start()
  }

  /** One host has ended, one is held, the others wait in the slice. */
  const halfWay = async (server: RunServer, engine: Engine) => {
    const reached = Promise.withResolvers<void>()
    await startFakeController(engine, ['default'], (host): Behaviour => {
      if (host.name === 'h-1') reached.resolve()
      return host.name === 'h-1' ? { until: new Promise(() => {}) } : {}
    })
    const { id } = await server.launch({
      module: 'echo',
      selector: '*',
      strategy: { concurrency: 1 },
    })
    await reached.promise
    await server.startedHosts(id, 2)
    return id
  }

  test('a store that is lost under way: what had been handed out is lost, and a rerun works', async () => {
    const { server, engine } = await open(5)
    onTestFinished(() => server[Symbol.asyncDispose]())
    const id = await halfWay(server, engine)
    await loseStore()
    expect(await server.ended(id)).toMatchObject({ state: 'failed', counts: { ok: 1, lost: 4 } })
    const { items } = await server.results(id, { state: 'lost' })
    expect(new Set(items.map(({ reason }) => reason))).toEqual(new Set(['storeLost']))
    const second = await server.launch({ module: 'echo', selector: 'h-0 h-2' })
    expect(await server.ended(second.id)).toMatchObject({ counts: { ok: 2 } })
  }, 90_000)

  test('a store that is lost under way: hosts that a controller says it never began are offered again', async () => {
    const { forServer, forController } = engines()
    const controllers = {
      isRevoked: () => false,
      whyWaiting: async () => undefined,
      enrolledIn: async () => ['c1', 'dead'],
    }
    const server = await startRunServer({ ...fleetOf(5), controllers }, undefined, forServer)
    onTestFinished(() => server[Symbol.asyncDispose]())
    await server.engine.ensure('default')
    const engine = await forController()
    const id = await halfWay(server, engine)
    const { items: before } = await server.results(id)
    const idOf = new Map(before.map(({ name, hostId }) => [name, hostId]))
    await engine.bus.serve(
      'default',
      UNBEGUN,
      { self: 'c1', callers: ['server'] },
      async (argument) => {
        const { slices } = argument as { slices: string[] }
        // It has begun h-1, whose start is stored, and says otherwise; of h-4 it says nothing.
        const hosts = ['h-1', 'h-2', 'h-3'].map((name) => idOf.get(name) ?? '')
        return { held: [], unbegun: Object.fromEntries(slices.map((slice) => [slice, hosts])) }
      },
    )
    await loseStore()
    expect(await server.ended(id)).toMatchObject({ counts: { ok: 3, lost: 2 } })
    const { items } = await server.results(id)
    expect(items.filter(({ state }) => state === 'lost').map(({ name }) => name)).toEqual([
      'h-1',
      'h-4',
    ])
  }, 90_000)

  test('a store that is lost while the server is away: found at the next start', async () => {
    const { server: before, engine } = await open(5)
    const id = await halfWay(before, engine)
    const crashed = before.crash
    await before.engine.close()
    await loseStore()
    const server = await crashed()
    onTestFinished(() => server[Symbol.asyncDispose]())
    expect(await server.ended(id)).toMatchObject({ state: 'failed', counts: { ok: 1, lost: 4 } })
  }, 90_000)

  test('the log does not grow for ever: what is stored is taken out of it', async () => {
    const { server, engine } = await open(3)
    onTestFinished(() => server[Symbol.asyncDispose]())
    await startFakeController(engine, ['default'], () => ({
      output: [['stdout', 'x'.repeat(10_000)]],
    }))
    const first = await server.launch({ module: 'echo', selector: '*' })
    await server.ended(first.id)
    const { last } = await server.engine.log.info('default')
    await server.engine.log.trim('default', last)
    const { first: oldest } = await server.engine.log.info('default')
    expect(oldest).toBeGreaterThan(1_000)
    const second = await server.launch({ module: 'echo', selector: '*' })
    expect(await server.ended(second.id)).toMatchObject({ counts: { ok: 3 } })
  })
})
