// What every work queue must do.

import assert from 'node:assert/strict'
import { type ConformanceCase, first, holder, IDC, lostOf, slice } from './case-kit.ts'

export const queueCases: readonly ConformanceCase[] = [
  {
    name: 'offering a slice that waits already changes nothing',
    async run({ engine }) {
      await engine.queue.offer(IDC, [slice('a'), slice('a')])
      await engine.queue.offer(IDC, [slice('a'), slice('b')])
      assert.deepEqual(await engine.queue.depth(IDC), { waiting: 2, leased: 0 })
      const { taken } = await holder(engine)
      const ids = (await taken.count(2)).map((delivery) => delivery.slice.sliceId)
      assert.deepEqual(ids.sort(), ['a', 'b'])
      for (const delivery of taken.items) await delivery.done()
      assert.deepEqual(await engine.queue.depth(IDC), { waiting: 0, leased: 0 })
    },
  },
  {
    name: 'offering a slice that somebody holds changes nothing',
    async run({ engine }) {
      await engine.queue.offer(IDC, [slice('a')])
      const { taken } = await holder(engine)
      const held = first(await taken.count(1))
      await engine.queue.offer(IDC, [slice('a')])
      assert.deepEqual(await engine.queue.depth(IDC), { waiting: 0, leased: 1 })
      await held.done()
      assert.deepEqual(await engine.queue.depth(IDC), { waiting: 0, leased: 0 })
      await engine.queue.offer(IDC, [slice('b')])
      await taken.count(2)
      assert.deepEqual(
        taken.items.map((delivery) => delivery.slice.sliceId),
        ['a', 'b'],
      )
    },
  },
  {
    name: 'a slice arrives as it was offered',
    async run({ engine }) {
      await engine.queue.offer(IDC, [slice('a')])
      const { taken } = await holder(engine)
      assert.deepEqual(first(await taken.count(1)).slice, slice('a'))
    },
  },
  {
    name: 'a consumer gets no more than its slots, and the next when one is done',
    async run({ engine }) {
      const offered = ['a', 'b', 'c', 'd'].map((id) => slice(id))
      await engine.queue.offer(IDC, offered)
      const { taken } = await holder(engine, 2)
      await taken.count(2)
      assert.deepEqual(await engine.queue.depth(IDC), { waiting: 2, leased: 2 })
      await first(taken.items).done()
      await taken.count(3)
      assert.deepEqual(await engine.queue.depth(IDC), { waiting: 1, leased: 2 })
    },
  },
  {
    name: 'of two consumers exactly one gets each slice',
    async run({ engine }) {
      const one = await holder(engine, 10)
      const two = await holder(engine, 10)
      const ids = Array.from({ length: 100 }, (_, index) => `s${index}`)
      const seen: string[] = []
      await engine.queue.offer(
        IDC,
        ids.map((id) => slice(id)),
      )
      const finish = async ({ taken }: typeof one): Promise<void> => {
        for (let at = 0; seen.length < ids.length; at++) {
          const delivery = (await taken.count(at + 1))[at]
          assert.ok(delivery)
          seen.push(delivery.slice.sliceId)
          await delivery.done()
        }
      }
      await Promise.race([finish(one), finish(two)])
      assert.deepEqual([...seen].sort(), [...ids].sort())
      assert.deepEqual(await engine.queue.depth(IDC), { waiting: 0, leased: 0 })
    },
  },
  {
    name: 'a slice that is handed back is delivered again',
    async run({ engine }) {
      await engine.queue.offer(IDC, [slice('a')])
      const { taken } = await holder(engine, 1)
      await first(await taken.count(1)).release()
      const again = (await taken.count(2))[1]
      assert.equal(again?.slice.sliceId, 'a')
    },
  },
  {
    name: 'when a lease runs out its holder hears of it, and cannot take the slice from the next one',
    async run({ engine, expireLease }) {
      await engine.queue.offer(IDC, [slice('a')])
      const one = await holder(engine, 1)
      const old = first(await one.taken.count(1))
      await one.stop()
      const two = await holder(engine, 1)
      await expireLease(IDC, 'a')
      await lostOf(old)
      const next = first(await two.taken.count(1))
      assert.equal(next.lost.aborted, false)
      await old.done()
      await old.release()
      assert.deepEqual(await engine.queue.depth(IDC), { waiting: 0, leased: 1 })
      await next.done()
      assert.deepEqual(await engine.queue.depth(IDC), { waiting: 0, leased: 0 })
    },
  },
  {
    name: 'what nobody has taken can be withdrawn, and offered anew',
    async run({ engine }) {
      const { taken } = await holder(engine, 1)
      await engine.queue.offer(IDC, [slice('a')])
      await taken.count(1)
      await engine.queue.offer(IDC, [slice('b'), slice('c')])
      const removed = await engine.queue.withdraw(IDC, ['a', 'b', 'unknown'])
      assert.deepEqual(removed, ['b'])
      assert.deepEqual(await engine.queue.depth(IDC), { waiting: 1, leased: 1 })
      await engine.queue.offer(IDC, [slice('b')])
      assert.deepEqual(await engine.queue.depth(IDC), { waiting: 2, leased: 1 })
    },
  },
  {
    name: 'a consumer that stops gets nothing more, and keeps what it holds',
    async run({ engine }) {
      await engine.queue.offer(IDC, [slice('a')])
      const one = await holder(engine)
      const held = first(await one.taken.count(1))
      await one.stop()
      await engine.queue.offer(IDC, [slice('b')])
      const two = await holder(engine)
      assert.equal(first(await two.taken.count(1)).slice.sliceId, 'b')
      assert.equal(one.taken.items.length, 1)
      assert.equal(held.lost.aborted, false)
      await held.done()
      assert.deepEqual(await engine.queue.depth(IDC), { waiting: 0, leased: 1 })
    },
  },
  {
    name: 'an IDC gets nothing of another',
    async run({ engine }) {
      const here = await holder(engine, 10, 'sz')
      const there = await holder(engine, 10, 'bj')
      await engine.queue.offer('bj', [slice('a', 'run-1', 'bj')])
      await there.taken.count(1)
      await engine.queue.offer('sz', [slice('b')])
      await here.taken.count(1)
      assert.deepEqual(
        here.taken.items.map((delivery) => delivery.slice.sliceId),
        ['b'],
      )
    },
  },
]
