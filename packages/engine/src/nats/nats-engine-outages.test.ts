// What only an engine between machines can get wrong when something goes away: servers that die, stores that vanish, answers that are lost.

import { nanos } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type NatsServer, startNatsServer } from '../../../../e2e/support/nats-server.ts'
import {
  claimOf,
  collector,
  holder,
  IDC,
  lostOf,
  note,
  reader,
  servedBy,
  slice,
} from '../conformance/case-kit.ts'
import { STORE_LOST } from '../unbegun.ts'
import {
  binaries,
  linkTo,
  manager,
  numbersTo,
  open,
  restart,
  withoutServer,
} from './testing/open-engine.ts'

describe.skipIf(withoutServer).each(binaries)('nats engine, %s', (binary) => {
  let server: NatsServer

  beforeAll(async () => {
    server = await startNatsServer(binary)
  }, 60_000)
  afterAll(() => server?.stop())

  test('a server that is killed and started again in mid-read costs no event and doubles none', async () => {
    const engine = await open(server.url, { prefix: 'killed' })
    const { read } = await reader(engine)
    let written = 0
    const write = async (): Promise<void> => {
      for (const n of numbersTo(400)) {
        await engine.log.append(IDC, [note('a', 2 * n - 1), note('a', 2 * n)])
        written = n
      }
    }
    const writing = write()
    while (written < 100) await new Promise((resolve) => setTimeout(resolve, 5))
    await restart(server)
    await writing
    const entries = await read.count(800)
    expect(entries.map(({ event }) => event.n)).toEqual(numbersTo(800))
    await engine.log.append(IDC, [note('a', 801)])
    expect((await read.count(801)).at(-1)?.event.n).toBe(801)
  })

  test('what is appended while there is no server is stored when there is one', async () => {
    const engine = await open(server.url, { prefix: 'away' })
    const { read } = await reader(engine)
    const appended: Promise<void>[] = []
    await restart(server, async () => {
      for (const n of numbersTo(50)) appended.push(engine.log.append(IDC, [note('a', n)]))
      expect(await engine.health(IDC)).toMatchObject({ ok: false })
    })
    await Promise.all(appended)
    expect((await read.count(50)).map(({ event }) => event.n)).toEqual(numbersTo(50))
    expect(await engine.health(IDC)).toMatchObject({ ok: true })
  })

  test('a clock that goes back an hour does not keep it from connecting again', async () => {
    const engine = await open(server.url, { prefix: 'clock' })
    const { read } = await reader(engine)
    await restart(server, async () => {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
      // Long enough for some attempts in that hour.
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      vi.useRealTimers()
    })
    await engine.log.append(IDC, [note('a', 1)])
    expect((await read.count(1)).map(({ event }) => event.n)).toEqual([1])
  })

  // nats-server 2.9 brings back what was removed from the middle of the queue, and remembers that it was acknowledged.
  test.each([
    { slices: 8, settlesMs: 0, prefix: 'done' },
    // Given to nobody any more: nats-server has written down by now that all of them were acknowledged.
    { slices: 30, settlesMs: 1_500, prefix: 'settled' },
  ])(
    'what was done $settlesMs ms before nats-server was killed is not carried out again, and does not stay in the queue',
    async ({ slices, settlesMs, prefix }) => {
      const engine = await open(server.url, { prefix, leaseMs: 2_000 })
      const taken: string[] = []
      const goOn = Promise.withResolvers<void>()
      await engine.queue.offer(
        IDC,
        numbersTo(slices).map((n) => slice(`s${n}`)),
      )
      await engine.queue.consume(IDC, { slots: () => 8 }, async ({ slice: { sliceId }, done }) => {
        taken.push(sliceId)
        await engine.log.claim(IDC, claimOf(sliceId, 'test'), 0)
        if (sliceId === 's1') await goOn.promise
        await done()
      })
      await expect.poll(() => engine.queue.depth(IDC)).toEqual({ waiting: 0, leased: 1 })
      const { last } = await engine.log.info(IDC)
      await engine.log.trim(IDC, last)
      await new Promise((resolve) => setTimeout(resolve, settlesMs))
      await restart(server)
      goOn.resolve()
      // Twice as long as it takes to see that something lies there which nobody is given.
      await expect
        .poll(() => engine.queue.depth(IDC), { timeout: 25_000 })
        .toEqual({ waiting: 0, leased: 0 })
      expect(taken.toSorted()).toEqual(
        numbersTo(slices)
          .map((n) => `s${n}`)
          .toSorted(),
      )
    },
    60_000,
  )

  test('what was withdrawn before nats-server was killed is given to nobody', async () => {
    const engine = await open(server.url, { prefix: 'withdrawn', leaseMs: 2_000 })
    const ids = numbersTo(8).map((n) => `s${n}`)
    await engine.queue.offer(
      IDC,
      ids.map((id) => slice(id)),
    )
    expect(await engine.queue.withdraw(IDC, ids.slice(1, 7))).toEqual(ids.slice(1, 7))
    await restart(server)
    const taken: string[] = []
    await engine.queue.consume(IDC, { slots: () => 8 }, async ({ slice: { sliceId }, done }) => {
      taken.push(sliceId)
      await done()
    })
    await expect
      .poll(() => engine.queue.depth(IDC), { timeout: 25_000 })
      .toEqual({ waiting: 0, leased: 0 })
    expect(taken.toSorted()).toEqual(['s1', 's8'])
  }, 60_000)

  test('a holder that could not renew for a while is told to begin nothing until it has', async () => {
    const engine = await open(server.url, { prefix: 'doubt', leaseMs: 6_000 })
    await engine.queue.offer(IDC, [slice('a')])
    const { taken } = await holder(engine)
    const [held] = await taken.count(1)
    expect(held?.sure()).toBeUndefined()
    let sureAgain = false
    await restart(server, async () => {
      await expect.poll(() => held?.sure() !== undefined, { timeout: 10_000 }).toBe(true)
      void held?.sure()?.then(() => {
        sureAgain = true
      })
    })
    await expect.poll(() => sureAgain, { timeout: 10_000 }).toBe(true)
    expect(held?.lost.aborted).toBe(false)
    expect(held?.sure()).toBeUndefined()
    await held?.done()
  }, 60_000)

  test('when the store is lost there is another epoch: readers, holders and writers of the old one hear of it', async () => {
    const engine = await open(server.url, { prefix: 'wiped', leaseMs: 60_000 })
    const lost = Promise.withResolvers<void>()
    const seen = collector<number>()
    await engine.log.read(
      IDC,
      0,
      async (entries) => {
        for (const { event } of entries) seen.add(event.n)
      },
      lost.resolve,
    )
    await engine.queue.offer(IDC, [slice('a')])
    const { taken } = await holder(engine)
    const [held] = await taken.count(1)
    await engine.log.append(IDC, [note('a', 1)])
    await seen.count(1)
    const { epoch } = await engine.log.info(IDC)
    let late: Promise<void> | undefined
    await restart(server, async () => {
      await server.wipe()
      // Meant for a log that will never be there again.
      late = engine.log.append(IDC, [note('a', 2)])
      late.catch(() => undefined)
    })
    await expect(late).rejects.toThrow('the log of sz was lost')
    await lost.promise
    await lostOf(held!)
    expect(held!.lost.reason).toBe(STORE_LOST)
    expect((await engine.log.info(IDC)).epoch).not.toBe(epoch)
    await engine.queue.offer(IDC, [slice('a')])
    expect((await taken.count(2))[1]?.slice.sliceId).toBe('a')
    const claim = await engine.log.claim(IDC, claimOf('a', 'c2'), 0)
    expect(claim.ok).toBe(true)
    const { read } = await reader(engine)
    await engine.log.append(IDC, [note('a', 3)])
    const kinds = (await read.count(2)).map(({ event }) => event.kind)
    expect(kinds).toEqual(['slice.claimed', 'slice.note'])
    expect(seen.items).toEqual([1])
  })

  test('a slice that may have been offered in a store that is gone is not offered in the next one', async () => {
    const link = await linkTo(server)
    const engine = await open(link.url, { prefix: 'doubt' })
    const other = await open(server.url, { prefix: 'doubt' })
    for (const one of [engine, other]) await one.ensure(IDC)
    link.swallowAnswers()
    const offered = engine.queue.offer(IDC, [slice('a')])
    offered.catch(() => undefined)
    await expect
      .poll(() => other.queue.depth(IDC), { timeout: 10_000 })
      .toMatchObject({ waiting: 1 })
    link.close()
    await restart(server, () => server.wipe())
    await other.health(IDC)
    link.open()
    await expect(offered).rejects.toThrow('lost with the store')
    expect(await other.queue.depth(IDC)).toEqual({ waiting: 0, leased: 0 })
  })

  test('a lost store is made again by nobody who waits for it, and what waits then goes on', async () => {
    const prefix = 'repair'
    await open(server.url, { prefix }).then((engine) => engine.ensure(IDC))
    const controller = await open(server.url, { prefix, role: 'controller' })
    await controller.ensure(IDC)
    await controller.presence.put(IDC, 'c1', 1)
    await restart(server, () => server.wipe())
    await controller.presence.put(IDC, 'c1', 2)
    expect((await controller.presence.all(IDC)).get('c1')).toBe(2)
    const known = collector<string>()
    await controller.watchIdcs((idc) => known.add(idc))
    expect(await known.count(1)).toEqual([IDC])
  })

  test('a watcher keeps its place through a restart: every change once, nothing twice', async () => {
    const engine = await open(server.url, { prefix: 'watch' })
    const seen = collector<string>()
    await engine.intent.put(IDC, 'run:1', 'stop')
    await engine.intent.watch(IDC, (key, value) => seen.add(`${key} ${value}`))
    await seen.count(1)
    await restart(server)
    await engine.intent.put(IDC, 'run:2', 'abort')
    await engine.intent.remove(IDC, 'run:1')
    expect(await seen.count(3)).toEqual(['run:1 stop', 'run:2 abort', 'run:1 undefined'])
  })

  test('a claim that was stored, and whose answer was lost, is won by the call that made it', async () => {
    const link = await linkTo(server)
    const engine = await open(link.url, { prefix: 'answer' })
    const { read } = await reader(engine)
    await engine.log.claim(IDC, claimOf('other', 'c1'), 0)
    const rival = await open(server.url, { prefix: 'answer' })
    const { read: seen } = await reader(rival)
    link.swallowAnswers()
    const claimed = engine.log.claim(IDC, claimOf('a', 'c1'), 0)
    await seen.count(2)
    link.cut()
    const claim = await claimed
    expect(claim).toEqual({ ok: true, fence: seen.items[1]?.seq })
    expect(await rival.log.claim(IDC, claimOf('a', 'c2'), 0)).toMatchObject({ heldBy: 'c1' })
    expect((await read.count(2)).length).toBe(2)
  })

  test('what was stored, and whose answer was lost for longer than ids are remembered, is stored once', async () => {
    const link = await linkTo(server)
    let ahead = 0
    const monotonic = () => performance.now() + ahead
    const engine = await open(link.url, { prefix: 'twice', monotonic })
    const { read } = await reader(engine)
    await engine.log.append(IDC, [note('a', 1)])
    const jsm = await manager(server)
    await jsm.streams.update('twice_log_sz', { duplicate_window: nanos(100) })
    const watcher = await open(server.url, { prefix: 'twice', role: 'controller' })
    const { read: seen } = await reader(watcher)
    link.swallowAnswers()
    const appended = engine.log.append(IDC, [note('a', 2)])
    await seen.count(2)
    link.close()
    ahead = 10 * 60_000
    await new Promise((resolve) => setTimeout(resolve, 400))
    link.open()
    await appended
    await engine.log.append(IDC, [note('a', 3)])
    expect((await read.count(3)).map(({ event }) => event.n)).toEqual([1, 2, 3])
  })

  test('a holder that is cut off loses its slice in time, and another engine takes over', async () => {
    const link = await linkTo(server)
    const one = await open(link.url, { prefix: 'cut' })
    const two = await open(server.url, { prefix: 'cut' })
    await one.queue.offer(IDC, [slice('a')])
    const { taken } = await holder(one)
    const [held] = await taken.count(1)
    link.close()
    const next = await holder(two)
    await lostOf(held!)
    const [again] = await next.taken.count(1)
    expect(again?.slice.sliceId).toBe('a')
    link.open()
    await held?.done()
    expect(await two.queue.depth(IDC)).toEqual({ waiting: 0, leased: 1 })
  })

  test('a controller that comes before the server waits until there is something to do', async () => {
    const prefix = 'early'
    const controller = await open(server.url, { prefix, role: 'controller' })
    const idcs = collector<string>()
    const watching = controller.watchIdcs((idc) => idcs.add(idc))
    const consumed = holder(controller)
    await new Promise((resolve) => setTimeout(resolve, 300))
    const jsm = await manager(server)
    const streams = await jsm.streams.names().next()
    expect(streams.filter((name) => name.startsWith(prefix))).toEqual([])
    const engine = await open(server.url, { prefix })
    await engine.queue.offer(IDC, [slice('a')])
    const { taken } = await consumed
    expect((await taken.count(1))[0]?.slice.sliceId).toBe('a')
    await watching
    expect(await idcs.count(1)).toEqual([IDC])
  })

  test('output that does not get through keeps neither calls, claims nor intents waiting', async () => {
    const link = await linkTo(server)
    const engine = await open(link.url, { prefix: 'bulk' })
    await engine.ensure(IDC)
    await engine.bus.serve(IDC, 'echo', servedBy('c1'), async (argument) => argument)
    link.stall(1)
    const appended = engine.log.append(IDC, [note('a', 1)])
    let isStored = false
    const stored = appended.then(() => {
      isStored = true
    })
    await engine.intent.put(IDC, 'run:1', 'abort')
    expect(await engine.bus.call(IDC, 'echo', 1)).toBe(1)
    expect(await engine.log.claim(IDC, claimOf('a', 'c1'), 0)).toMatchObject({ ok: true })
    expect(isStored).toBe(false)
    link.cut()
    await stored
  })

  test('closing rejects what could not be stored', async () => {
    const link = await linkTo(server)
    const engine = await open(link.url, { prefix: 'closing' })
    await engine.ensure(IDC)
    link.close()
    const appended = engine.log.append(IDC, [note('a', 1)])
    appended.catch(() => undefined)
    await engine.close()
    await expect(appended).rejects.toMatchObject({ code: 'ENGINE_CLOSED' })
  })
})
