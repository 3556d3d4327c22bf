// What every bus must do for calls that answer in items.

import assert from 'node:assert/strict'
import { type Json, Problem } from '@omserver/core'
import {
  abortOf,
  type ConformanceCase,
  collector,
  first,
  IDC,
  servedBy,
  withCode,
} from './case-kit.ts'

const WINDOW = 16

const numbers = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => index + 1)

export const itemCases: readonly ConformanceCase[] = [
  {
    name: 'items arrive in order, each once, and the answer after the last of them',
    async run({ engine }) {
      await engine.bus.serve(IDC, 'count', servedBy(), async (to, call) => {
        assert.equal(call.takesItems, true)
        for (const n of numbers(Number(to))) await call.emit({ n })
        return 'done'
      })
      const taken: Json[] = []
      const onItem = async (item: Json): Promise<void> => {
        // Some are slower than others: that must not change their order.
        if (taken.length % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 2))
        taken.push(item)
      }
      assert.equal(await engine.bus.call(IDC, 'count', 500, { onItem }), 'done')
      assert.deepEqual(
        taken,
        numbers(500).map((n) => ({ n })),
      )
      assert.equal(await engine.bus.call(IDC, 'count', 0, { onItem }), 'done')
    },
  },
  {
    name: 'a service waits for a caller that is slow, and sends at most a window ahead of it',
    async run({ engine }) {
      const sent = collector<number>()
      await engine.bus.serve(IDC, 'flood', servedBy(), async (_, { emit }) => {
        for (const n of numbers(100)) {
          await emit(n)
          sent.add(n)
        }
        return null
      })
      const room = collector<() => void>()
      const taken: Json[] = []
      const call = engine.bus.call(IDC, 'flood', null, {
        onItem(item) {
          taken.push(item)
          return new Promise<void>((resolve) => room.add(resolve))
        },
      })
      await sent.count(WINDOW)
      // Time in which more would have come.
      await new Promise((resolve) => setTimeout(resolve, 100))
      assert.equal(sent.items.length, WINDOW)
      assert.equal(taken.length, 1)
      for (const n of numbers(100)) {
        first((await room.count(n)).slice(n - 1))()
        assert.ok(sent.items.length <= n + WINDOW, `${sent.items.length} sent, ${n} taken`)
      }
      await call
      assert.deepEqual(taken, numbers(100))
    },
  },
  {
    name: 'items that nobody awaits still come in order and before the answer',
    async run({ engine }) {
      await engine.bus.serve(IDC, 'burst', servedBy(), async (_, { emit }) => {
        for (const n of numbers(50)) void emit(n)
        return null
      })
      const taken: Json[] = []
      await engine.bus.call(IDC, 'burst', null, { onItem: (item) => void taken.push(item) })
      assert.deepEqual(taken, numbers(50))
    },
  },
  {
    name: 'what was sent before a problem is taken before the problem is told',
    async run({ engine }) {
      await engine.bus.serve(IDC, 'break', servedBy(), async (_, { emit }) => {
        for (const n of numbers(3)) await emit(n)
        throw new Problem('RUN_UNKNOWN', { run: 'r1' })
      })
      const taken: Json[] = []
      const onItem = async (item: Json): Promise<void> => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        taken.push(item)
      }
      const call = engine.bus.call(IDC, 'break', null, { onItem })
      await assert.rejects(call, withCode('RUN_UNKNOWN'))
      assert.deepEqual(taken, [1, 2, 3])
    },
  },
  {
    name: 'a caller that gives up, or whose receiver fails, ends what waits on the other side',
    async run({ engine }) {
      const ended = collector<string>()
      const signals = collector<AbortSignal>()
      await engine.bus.serve(IDC, 'endless', servedBy(), async (_, { emit, signal }) => {
        signals.add(signal)
        try {
          for (;;) await emit('more')
        } catch (error) {
          ended.add(error instanceof Problem ? error.code : String(error))
          throw error
        }
      })
      const caller = new AbortController()
      const blocked = engine.bus.call(IDC, 'endless', null, {
        signal: caller.signal,
        onItem: () => new Promise<void>(() => caller.abort()),
      })
      await assert.rejects(blocked, withCode('BUS_CANCELLED'))
      await abortOf(first(await signals.count(1)))
      assert.deepEqual(await ended.count(1), ['BUS_CANCELLED'])

      const broken = engine.bus.call(IDC, 'endless', null, {
        onItem() {
          throw new Error('the page is gone')
        },
      })
      await assert.rejects(broken, /the page is gone/)
      assert.deepEqual(await ended.count(2), ['BUS_CANCELLED', 'BUS_CANCELLED'])

      const onItem = (): Promise<void> => new Promise(() => undefined)
      const late = engine.bus.call(IDC, 'endless', null, { onItem, timeoutMs: 50 })
      await assert.rejects(late, withCode('BUS_TIMEOUT'))
      await ended.count(3)
    },
  },
  {
    name: 'items go only to who takes them, and none is larger than an answer may be',
    async run({ engine }) {
      await engine.bus.serve(IDC, 'large', servedBy(), async (bytes, { emit }) => {
        await emit('x'.repeat(Number(bytes) - 2))
        return null
      })
      const limit = 256 * 1024
      await assert.rejects(engine.bus.call(IDC, 'large', 10), withCode('ITEMS_UNWANTED'))
      const sizes: number[] = []
      const onItem = (item: Json): void => void sizes.push(String(item).length)
      await engine.bus.call(IDC, 'large', limit, { onItem })
      const tooLarge = engine.bus.call(IDC, 'large', limit + 1, { onItem })
      await assert.rejects(tooLarge, withCode('FRAME_TOO_LARGE'))
      assert.deepEqual(sizes, [limit - 2])
    },
  },
]
