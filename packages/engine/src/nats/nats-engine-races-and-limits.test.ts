// What only an engine between machines can get wrong while all are there: races, garbage, limits, servers that will not do.

import { connect, nanos } from '@nats-io/transport-node'
import { Problem } from '@omserver/core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type NatsServer, startNatsServer } from '../../../../e2e/support/nats-server.ts'
import { claimOf, collector, holder, IDC, servedBy, slice } from '../conformance/case-kit.ts'
import { connectNatsEngine } from './nats-engine.ts'
import { binaries, manager, numbersTo, open, withoutServer } from './testing/open-engine.ts'

describe.skipIf(withoutServer).each(binaries)('nats engine, %s', (binary) => {
  let server: NatsServer

  beforeAll(async () => {
    server = await startNatsServer(binary)
  }, 60_000)
  afterAll(() => server?.stop())

  test('a slice stays offered once, however long ago that was', async () => {
    const engine = await open(server.url, { prefix: 'window' })
    await engine.queue.offer(IDC, [slice('a')])
    const jsm = await manager(server)
    await jsm.streams.update('window_work_sz', { duplicate_window: nanos(100) })
    await new Promise((resolve) => setTimeout(resolve, 400))
    await engine.queue.offer(IDC, [slice('a')])
    expect(await engine.queue.depth(IDC)).toEqual({ waiting: 1, leased: 0 })
  })

  test('a server that may not change the queue any more puts nothing in and takes nothing out', async () => {
    let mayNot = false
    const engine = await open(server.url, {
      prefix: 'frozen',
      mayChangeQueue: async () => {
        if (mayNot) throw new Problem('DB_CHANGED', { database: 'd' })
      },
    })
    await engine.queue.offer(IDC, [slice('a')])
    mayNot = true
    await expect(engine.queue.offer(IDC, [slice('b')])).rejects.toThrow('DB_CHANGED')
    await expect(engine.queue.withdraw(IDC, ['a'])).rejects.toThrow('DB_CHANGED')
    expect(await engine.queue.depth(IDC)).toEqual({ waiting: 1, leased: 0 })
    mayNot = false
    expect(await engine.queue.withdraw(IDC, ['a'])).toEqual(['a'])
  })

  test('withdrawing in the midst of deliveries strands nothing, and delivers nothing that was withdrawn', async () => {
    const engine = await open(server.url, { prefix: 'withdraw' })
    const ids = Array.from({ length: 120 }, (_, index) => `s${index}`)
    await engine.queue.offer(
      IDC,
      ids.map((id) => slice(id)),
    )
    const done = new Set<string>()
    const back = new Set<string>()
    await engine.queue.consume(IDC, { slots: () => 5 }, async (delivery) => {
      const { sliceId } = delivery.slice
      if (!back.has(sliceId) && back.size < 20) {
        back.add(sliceId)
        return delivery.release(200)
      }
      done.add(sliceId)
      await delivery.done()
    })
    const wanted = ids.filter((_, index) => index % 3 === 0)
    const removed = await engine.queue.withdraw(IDC, wanted)
    expect(removed.length).toBeGreaterThan(0)
    while ((await engine.queue.depth(IDC)).waiting > 0) {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await expect.poll(() => done.size, { timeout: 10_000 }).toBe(ids.length - removed.length)
    expect(removed.filter((id) => done.has(id))).toEqual([])
    await expect.poll(() => engine.queue.depth(IDC)).toEqual({ waiting: 0, leased: 0 })
  })

  test('of two engines that race for one claim exactly one wins', async () => {
    const engines = [
      await open(server.url, { prefix: 'race' }),
      await open(server.url, { prefix: 'race' }),
    ]
    for (const round of numbersTo(25)) {
      const results = await Promise.all(
        engines.map((engine, index) => engine.log.claim(IDC, claimOf(`s${round}`, `c${index}`), 0)),
      )
      const winners = results.flatMap((result, index) => (result.ok ? [`c${index}`] : []))
      expect(winners).toHaveLength(1)
      const [loser] = results.filter((result) => !result.ok)
      expect(loser).toMatchObject({ heldBy: winners[0] })
    }
  })

  test('a slice that is held for many lease times is neither lost nor delivered again', async () => {
    const engine = await open(server.url, { prefix: 'held', leaseMs: 600 })
    await engine.queue.offer(IDC, [slice('a')])
    const { taken } = await holder(engine)
    const [held] = await taken.count(1)
    await new Promise((resolve) => setTimeout(resolve, 3000))
    expect(held?.lost.aborted).toBe(false)
    expect(taken.items).toHaveLength(1)
    await held?.done()
    expect(await engine.queue.depth(IDC)).toEqual({ waiting: 0, leased: 0 })
  })

  test('what cannot be read, and a listener that throws, end nothing', async () => {
    const engine = await open(server.url, { prefix: 'garbage' })
    const heard = collector<unknown>()
    const values = collector<unknown>()
    await engine.bus.on(IDC, 'topic', (data) => {
      heard.add(data)
      if (data === 1) throw new Error('the listener is broken')
    })
    await engine.bus.serve(IDC, 'echo', servedBy('c1'), async (argument) => argument)
    await engine.intent.watch(IDC, (key, value) => values.add([key, value]))
    const nc = await connect({ servers: server.url })
    onTestFinished(() => nc.close())
    for (const subject of [
      'bus.topic',
      'call._.echo.server.x.l.1',
      'call._.echo',
      'control._.x',
      'intent.k1',
    ]) {
      nc.publish(`garbage.idc.sz.${subject}`, new Uint8Array([9, 9]))
    }
    await nc.flush()
    engine.bus.emit(IDC, 'topic', 1)
    engine.bus.emit(IDC, 'topic', 2)
    expect(await heard.count(2)).toEqual([1, 2])
    expect(await engine.bus.call(IDC, 'echo', 'x')).toBe('x')
    await engine.intent.put(IDC, 'k2', 2)
    expect(await values.count(1)).toEqual([['k2', 2]])
    expect([...(await engine.intent.all(IDC)).keys()]).toEqual(['k2'])
  })

  test('health says what the operator should know of this server', async () => {
    const engine = await open(server.url, { prefix: 'health' })
    const { ok, detail } = await engine.health(IDC)
    expect(ok).toBe(true)
    expect(detail).toMatch(/nats-server \d+\.\d+\.\d+.*sync_interval/)
    await engine.ensure(IDC)
    const jsm = await manager(server)
    await jsm.streams.delete('health_log_sz')
    const controller = await open(server.url, { prefix: 'health', role: 'controller' })
    expect(await controller.health(IDC)).toMatchObject({ ok: false, detail: 'stream not found' })
  })

  test('the blobs of an IDC have a limit, and say so', async () => {
    const engine = await open(server.url, { prefix: 'full', blobsMaxBytes: 600 * 1024 })
    const kept = await engine.blobs.put(Buffer.alloc(400 * 1024, 1))
    await expect(engine.blobs.put(Buffer.alloc(400 * 1024, 2))).rejects.toMatchObject({
      code: 'BLOBS_FULL',
    })
    expect((await engine.blobs.get(kept))?.length).toBe(400 * 1024)
  })
})

describe.skipIf(withoutServer)('a nats-server that will not do', () => {
  const refusalBy = async (config: readonly string[]): Promise<unknown> => {
    const server = await startNatsServer('nats-server', config)
    onTestFinished(() => server.stop())
    return connectNatsEngine({ servers: server.url, identity: 'test', connectWithinMs: 0 }).catch(
      (error: Error) => error.message,
    )
  }

  test('is refused at once, with what to do about it', async () => {
    expect(await refusalBy(['max_payload: 100000'])).toMatch(/raise max_payload/)
    expect(await refusalBy(['authorization { user: a, password: b }'])).toMatch(
      /no connection to nats-server at/,
    )
    const nowhere = connectNatsEngine({
      servers: 'nats://127.0.0.1:1',
      identity: 'test',
      connectWithinMs: 0,
    })
    await expect(nowhere).rejects.toThrow('no connection to nats-server at nats://127.0.0.1:1')
  })
})
