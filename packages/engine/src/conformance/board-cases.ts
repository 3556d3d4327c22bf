// What every board must do.

import assert from 'node:assert/strict'
import type { Json } from '@omserver/core'
import { type ConformanceCase, collector, first, IDC } from './case-kit.ts'

export const boardCases: readonly ConformanceCase[] = [
  {
    name: 'a watcher sees present values first, then each change, until it stops',
    async run({ engine }) {
      const board = engine.intent
      const seen = collector<readonly [string, Json | undefined]>()
      const later = collector<string>()
      await board.put(IDC, 'run:1', { want: 'stop' })
      const stop = await board.watch(IDC, (key, value) => seen.add([key, value]))
      await seen.count(1)
      await board.put(IDC, 'run:1', { want: 'abort' })
      await board.put('bj', 'run:9', 'elsewhere')
      await board.remove(IDC, 'run:1')
      assert.deepEqual(await seen.count(3), [
        ['run:1', { want: 'stop' }],
        ['run:1', { want: 'abort' }],
        ['run:1', undefined],
      ])
      await stop()
      await board.watch(IDC, (key) => later.add(key))
      await board.put(IDC, 'run:2', true)
      await later.count(1)
      assert.equal(seen.items.length, 3)
      assert.deepEqual([...(await board.all(IDC))], [['run:2', true]])
    },
  },
  {
    name: 'presence is forgotten when it is not renewed; intent is not',
    async run({ engine }) {
      const gone = collector<string>()
      await engine.presence.watch(IDC, (key, value) => value === undefined && gone.add(key))
      await engine.intent.put(IDC, 'run:1', 'stop')
      await engine.presence.put(IDC, 'c1', { at: 1 })
      assert.equal(first(await gone.count(1)), 'c1')
      assert.equal((await engine.presence.all(IDC)).size, 0)
      assert.equal((await engine.intent.all(IDC)).get('run:1'), 'stop')
    },
  },
  {
    name: 'a key may hold any sign that a name has, and a value any text',
    async run({ engine }) {
      const board = engine.intent
      const keys = [
        'run:01a2-7f',
        'controller:embedded@db.sz',
        'controller:主控 1/*>.',
        'a.b',
        'a b',
      ]
      for (const key of keys) await board.put(IDC, key, { key, text: '中止 \u0000 "' })
      const all = await board.all(IDC)
      assert.deepEqual([...all.keys()].sort(), [...keys].sort())
      for (const key of keys) assert.deepEqual(all.get(key), { key, text: '中止 \u0000 "' })
      await board.remove(IDC, 'a.b')
      assert.equal((await board.all(IDC)).size, keys.length - 1)
    },
  },
  {
    name: 'the first value of a key stays when it is put once; the same again is no other',
    async run({ engine }) {
      const board = engine.begun
      assert.equal(await board.get(IDC, 'run 1'), undefined)
      assert.equal(await board.putOnce(IDC, 'run 1', { by: 'wei' }), true)
      assert.equal(await board.putOnce(IDC, 'run 1', { by: 'wei' }), true)
      assert.equal(await board.putOnce(IDC, 'run 1', { by: 'ann' }), false)
      assert.deepEqual(await board.get(IDC, 'run 1'), { by: 'wei' })
      await board.putOnce('bj', 'run 1', { by: 'ann' })
      assert.deepEqual([...(await board.all(IDC))], [['run 1', { by: 'wei' }]])
      // Two boards of one IDC know nothing of each other.
      assert.deepEqual([...(await engine.books.all(IDC))], [])
    },
  },
  {
    name: 'what was removed is no news to a watcher that comes later, and can be put again',
    async run({ engine }) {
      const board = engine.intent
      const seen = collector<readonly [string, Json | undefined]>()
      await board.put(IDC, 'run:1', 'stop')
      await board.put(IDC, 'run:2', 'stop')
      await board.remove(IDC, 'run:1')
      await board.remove(IDC, 'run:unknown')
      await board.watch(IDC, (key, value) => seen.add([key, value]))
      await seen.count(1)
      await board.put(IDC, 'run:1', 'abort')
      assert.deepEqual(await seen.count(2), [
        ['run:2', 'stop'],
        ['run:1', 'abort'],
      ])
    },
  },
]
