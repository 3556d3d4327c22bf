// What every work queue must do when things go wrong, again and again: hand-backs, lost leases, withdrawals.

import assert from 'node:assert/strict'
import { type ConformanceCase, collector, first, holder, IDC, lostOf, slice } from './case-kit.ts'

export const deliveryCases: readonly ConformanceCase[] = [
  {
    name: 'a handler that rejects, or returns without a word, gets its slice again',
    async run({ engine }) {
      const times = collector<string>()
      await engine.queue.offer(IDC, [slice('rejects'), slice('returns')])
      await engine.queue.consume(IDC, { slots: () => 10 }, async (delivery) => {
        const { sliceId } = delivery.slice
        const again = times.items.includes(sliceId)
        times.add(sliceId)
        if (again) await delivery.done()
        else if (sliceId === 'rejects') throw new Error('the handler is broken')
      })
      assert.deepEqual([...(await times.count(4))].sort(), [
        'rejects',
        'rejects',
        'returns',
        'returns',
      ])
    },
  },
  {
    name: 'a slice whose lease runs out time after time is delivered every time',
    async run({ engine, expireLease }) {
      await engine.queue.offer(IDC, [slice('a')])
      const { taken } = await holder(engine, 1)
      for (let turn = 1; turn <= 12; turn++) {
        const held = (await taken.count(turn))[turn - 1]
        assert.ok(held)
        await expireLease(IDC, 'a')
        await lostOf(held)
      }
      const last = (await taken.count(13))[12]
      assert.equal(last?.lost.aborted, false)
      await last?.done()
      assert.deepEqual(await engine.queue.depth(IDC), { waiting: 0, leased: 0 })
    },
  },
  {
    name: 'a slice that is done can be offered anew at once: it is no duplicate of itself',
    async run({ engine }) {
      await engine.queue.offer(IDC, [slice('a')])
      const { taken } = await holder(engine, 1)
      await first(await taken.count(1)).done()
      await engine.queue.offer(IDC, [slice('a')])
      const again = (await taken.count(2))[1]
      assert.equal(again?.slice.sliceId, 'a')
    },
  },
  {
    name: 'what is withdrawn never comes, what is not comes, and what is offered anew comes once',
    async run({ engine }) {
      const ids = Array.from({ length: 10 }, (_, index) => `s${index}`)
      await engine.queue.offer(
        IDC,
        ids.map((id) => slice(id, `run-${Number(id.slice(1)) % 3}`)),
      )
      const gone = ['s2', 's5', 's8']
      assert.deepEqual([...(await engine.queue.withdraw(IDC, gone))].sort(), gone)
      assert.deepEqual(await engine.queue.withdraw(IDC, gone), [])
      await engine.queue.offer(IDC, [slice('s5', 'run-2')])
      const { taken } = await holder(engine)
      const seen = (await taken.count(8)).map((delivery) => delivery.slice.sliceId)
      assert.deepEqual(
        [...seen].sort(),
        ids.filter((id) => id !== 's2' && id !== 's8'),
      )
      assert.deepEqual(await engine.queue.depth(IDC), { waiting: 0, leased: 8 })
    },
  },
  {
    name: 'a slice that was handed back for later waits, and can be withdrawn meanwhile',
    async run({ engine }) {
      const settled = Promise.withResolvers<void>()
      await engine.queue.offer(IDC, [slice('a')])
      await engine.queue.consume(IDC, { slots: () => 1 }, async (delivery) => {
        await delivery.release(60_000)
        settled.resolve()
      })
      await settled.promise
      assert.deepEqual(await engine.queue.depth(IDC), { waiting: 1, leased: 0 })
      assert.deepEqual(await engine.queue.withdraw(IDC, ['a']), ['a'])
      assert.deepEqual(await engine.queue.depth(IDC), { waiting: 0, leased: 0 })
    },
  },
  {
    name: 'many who offer the same slice at once offer one',
    async run({ engine }) {
      await Promise.all(Array.from({ length: 20 }, () => engine.queue.offer(IDC, [slice('a')])))
      assert.deepEqual(await engine.queue.depth(IDC), { waiting: 1, leased: 0 })
    },
  },
  {
    name: 'a slice of half a megabyte arrives whole',
    async run({ engine }) {
      const large = {
        ...slice('a'),
        action: { kind: 'shell', command: ['数'.repeat(170_000)] },
      } as const
      await engine.queue.offer(IDC, [large])
      const { taken } = await holder(engine)
      assert.deepEqual(first(await taken.count(1)).slice, large)
    },
  },
]
