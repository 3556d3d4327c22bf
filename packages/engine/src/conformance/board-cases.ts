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
]
