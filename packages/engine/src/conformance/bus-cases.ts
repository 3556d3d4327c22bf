// What every bus must do.

import assert from 'node:assert/strict'
import { type Json, Problem } from '@omserver/core'
import { type ConformanceCase, collector, IDC, withCode } from './case-kit.ts'

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
    name: 'a call is answered by one of those who serve it, or by the one it names',
    async run({ engine }) {
      for (const name of ['c1', 'c2']) {
        await engine.bus.serve(IDC, 'who', name, async (argument) => [name, argument])
      }
      const anyone = (await engine.bus.call(IDC, 'who', 1)) as readonly Json[]
      assert.ok(anyone[0] === 'c1' || anyone[0] === 'c2')
      for (const to of ['c2', 'c1', 'c2']) {
        assert.deepEqual(await engine.bus.call(IDC, 'who', 2, { to }), [to, 2])
      }
    },
  },
  {
    name: 'a call that fails says why, with its code',
    async run({ engine }) {
      await engine.bus.serve(IDC, 'coded', 'c1', async () => {
        throw new Problem('HOST_UNKNOWN', { host: 'web-1' })
      })
      await engine.bus.serve(IDC, 'plain', 'c1', async () => {
        throw new Error('broken pipe')
      })
      const stop = await engine.bus.serve(IDC, 'gone', 'c1', async () => null)
      await stop()
      await assert.rejects(engine.bus.call(IDC, 'coded', null), withCode('HOST_UNKNOWN'))
      await assert.rejects(engine.bus.call(IDC, 'plain', null), withCode('BUS_FAILED'))
      await assert.rejects(engine.bus.call(IDC, 'gone', null), withCode('BUS_NOBODY'))
      await assert.rejects(
        engine.bus.call(IDC, 'coded', null, { to: 'c9' }),
        withCode('BUS_NOBODY'),
      )
    },
  },
  {
    name: 'a call ends at its deadline, or when the caller gives up, and the server hears of it',
    async run({ engine }) {
      const stopped = collector<string>()
      const begun = collector<Json>()
      await engine.bus.serve(IDC, 'hang', 'c1', (argument, signal) => {
        signal.addEventListener('abort', () => stopped.add(String(argument)))
        begun.add(argument)
        return new Promise(() => undefined)
      })
      const late = engine.bus.call(IDC, 'hang', 'late', { timeoutMs: 20 })
      await assert.rejects(late, withCode('BUS_TIMEOUT'))
      await stopped.count(1)
      const caller = new AbortController()
      const given = engine.bus.call(IDC, 'hang', 'given up', { signal: caller.signal })
      await begun.count(2)
      caller.abort()
      await assert.rejects(given, withCode('BUS_CANCELLED'))
      assert.deepEqual(await stopped.count(2), ['late', 'given up'])
    },
  },
  {
    name: 'a listener that stopped hears nothing more, and a call stays within its IDC',
    async run({ engine }) {
      const heard = collector<string>()
      const stop = await engine.bus.on(IDC, 'run.abort', (data) => heard.add(`stopped ${data}`))
      await engine.bus.on(IDC, 'run.abort', (data) => heard.add(`on ${data}`))
      await stop()
      engine.bus.emit(IDC, 'run.abort', 'x')
      assert.deepEqual(await heard.count(1), ['on x'])
      await engine.bus.serve('bj', 'who', 'c1', async () => 'bj')
      await assert.rejects(engine.bus.call(IDC, 'who', null), withCode('BUS_NOBODY'))
    },
  },
]
