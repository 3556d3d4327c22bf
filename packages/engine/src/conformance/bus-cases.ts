// What every bus must do for signals; calls have files of their own.

import assert from 'node:assert/strict'
import { type ConformanceCase, collector, IDC } from './case-kit.ts'

export const busCases: readonly ConformanceCase[] = [
  {
    name: 'a signal reaches every listener of its topic and IDC, and no other',
    async run({ engine }) {
      const heard = collector<string>()
      await engine.bus.on(IDC, 'abort', (data) => heard.add(`one ${data}`))
      await engine.bus.on(IDC, 'abort', (data) => heard.add(`two ${data}`))
      await engine.bus.on('bj', 'abort', (data) => heard.add(`bj ${data}`))
      await engine.bus.on(IDC, 'other', (data) => heard.add(`other ${data}`))
      engine.bus.emit(IDC, 'abort', 'x')
      assert.deepEqual([...(await heard.count(2))].sort(), ['one x', 'two x'])
      engine.bus.emit(IDC, 'other', 'y')
      assert.equal((await heard.count(3))[2], 'other y')
    },
  },
  {
    name: 'a listener that stopped hears nothing more',
    async run({ engine }) {
      const heard = collector<string>()
      const stop = await engine.bus.on(IDC, 'run.abort', (data) => heard.add(`stopped ${data}`))
      await engine.bus.on(IDC, 'run.abort', (data) => heard.add(`on ${data}`))
      await stop()
      engine.bus.emit(IDC, 'run.abort', 'x')
      assert.deepEqual(await heard.count(1), ['on x'])
    },
  },
]
