// What every bus must do for calls.

import assert from 'node:assert/strict'
import { type Json, Problem } from '@omserver/core'
import { RemoteProblem } from '../calls/remote-problem.ts'
import type { Caller } from '../ports.ts'
import {
  abortOf,
  type ConformanceCase,
  collector,
  first,
  IDC,
  servedBy,
  withCode,
} from './case-kit.ts'

const KIB = 1024
const LIMIT = 256 * KIB

/** A text that is `bytes` long as JSON. */
const textOf = (bytes: number): string => 'x'.repeat(bytes - 2)

const nested = (depth: number): Json => (depth === 0 ? 'end' : [nested(depth - 1)])

const problemOf = (call: Promise<Json>): Promise<Problem> =>
  call.then(
    (answer) => assert.fail(`it answered ${JSON.stringify(answer)}`),
    (error: unknown) => {
      assert.ok(error instanceof Problem, `a Problem, not ${String(error)}`)
      return error
    },
  )

export const callCases: readonly ConformanceCase[] = [
  {
    name: 'a call is answered by one of those who serve it, or by the one it names',
    async run({ engine }) {
      for (const name of ['c1', 'c2']) {
        await engine.bus.serve(IDC, 'who', servedBy(name), async (argument) => [name, argument])
      }
      const anyone = (await engine.bus.call(IDC, 'who', 1)) as readonly Json[]
      assert.ok(anyone[0] === 'c1' || anyone[0] === 'c2')
      for (const to of ['c2', 'c1', 'c2']) {
        assert.deepEqual(await engine.bus.call(IDC, 'who', 2, { to }), [to, 2])
      }
    },
  },
  {
    name: 'a call that fails says why and where: its code, its details, the method and who was asked',
    async run({ engine }) {
      await engine.bus.serve(IDC, 'coded', servedBy(), async () => {
        throw new Problem('HOST_UNKNOWN', { host: 'web-1' })
      })
      const problem = await problemOf(engine.bus.call(IDC, 'coded', null))
      assert.ok(problem instanceof RemoteProblem)
      assert.equal(problem.code, 'HOST_UNKNOWN')
      assert.deepEqual(problem.details, { host: 'web-1' })
      assert.deepEqual(problem.place, { idc: IDC, method: 'coded', peer: 'c1' })
    },
  },
  {
    name: 'of an error without a code the caller learns that there was one, and nothing of what it says',
    async run({ engine }) {
      await engine.bus.serve(IDC, 'plain', servedBy(), async () => {
        throw new Error('cannot read /etc/secret')
      })
      const problem = await problemOf(engine.bus.call(IDC, 'plain', null))
      assert.equal(problem.code, 'BUS_FAILED')
      const { call, ...details } = problem.details
      assert.deepEqual(details, { idc: IDC, method: 'plain', peer: 'c1' })
      assert.ok(typeof call === 'string' && call !== '')
      assert.doesNotMatch(String(problem), /secret/)
    },
  },
  {
    name: 'nobody there, and somebody there without the method, are two things',
    async run({ engine }) {
      await engine.bus.serve(IDC, 'known', servedBy(), async () => null)
      const stop = await engine.bus.serve(IDC, 'gone', servedBy(), async () => null)
      await stop()
      const unknown = await problemOf(engine.bus.call(IDC, 'gone', null, { to: 'c1' }))
      assert.equal(unknown.code, 'METHOD_UNKNOWN')
      const expected = { idc: IDC, method: 'gone', peer: 'c1', theirs: 1, ours: 1 }
      assert.deepEqual(unknown.details, expected)
      await assert.rejects(engine.bus.call(IDC, 'gone', null), withCode('METHOD_UNKNOWN'))
      const toNobody = engine.bus.call(IDC, 'known', null, { to: 'c9' })
      await assert.rejects(toNobody, withCode('BUS_NOBODY'))
      await assert.rejects(engine.bus.call('bj', 'known', null), withCode('BUS_NOBODY'))
    },
  },
  {
    name: 'whoever serves says what the caller may call',
    async run({ engine }) {
      await engine.bus.serve(IDC, 'two', servedBy(), async () => null)
      await engine.bus.serve(IDC, 'one', servedBy(), async () => null)
      await engine.bus.serve(IDC, 'theirs', { self: 'c1', callers: ['client'] }, async () => null)
      const hello = await engine.bus.call(IDC, 'hello', null, { to: 'c1' })
      assert.deepEqual(hello, { name: 'c1', protocol: 1, methods: ['one', 'two'] })
    },
  },
  {
    name: 'the service sees who calls, and nobody is let in whom it did not name',
    async run({ engine }) {
      const seen = collector<Caller>()
      const handler = async (): Promise<Json> => {
        seen.add({ kind: 'client', idc: '', name: 'the handler ran', protocol: 0 })
        return null
      }
      await engine.bus.serve(IDC, 'clients', { self: 'c1', callers: ['client'] }, handler)
      await engine.bus.serve(IDC, 'nobody', { self: 'c1', callers: [] }, handler)
      const may = (caller: Caller): boolean => {
        seen.add(caller)
        return false
      }
      await engine.bus.serve(IDC, 'some', { ...servedBy(), may }, handler)
      for (const method of ['clients', 'nobody', 'some']) {
        const problem = await problemOf(engine.bus.call(IDC, method, null))
        assert.equal(problem.code, 'NOT_ALLOWED')
        const { name, ...details } = problem.details
        assert.deepEqual(details, { method, kind: 'server' })
        assert.ok(typeof name === 'string' && name !== '')
      }
      assert.equal(seen.items.length, 1)
      const { name, ...caller } = first(seen.items)
      assert.deepEqual(caller, { kind: 'server', idc: IDC, protocol: 1 })
      await engine.bus.serve(IDC, 'mine', servedBy(), async (_, call) => call.caller.name)
      assert.equal(await engine.bus.call(IDC, 'mine', null), name)
    },
  },
  {
    name: 'a call ends at its deadline, or when the caller gives up, and the server hears of it',
    async run({ engine }) {
      const stopped = collector<string>()
      const begun = collector<Json>()
      await engine.bus.serve(IDC, 'hang', servedBy(), (argument, { signal }) => {
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
    name: 'an argument or an answer beyond the limit is refused with its size, and one at the limit is not',
    async run({ engine }) {
      let calls = 0
      await engine.bus.serve(IDC, 'echo', servedBy(), async (argument) => {
        calls++
        return argument
      })
      await engine.bus.serve(IDC, 'grow', servedBy(), async (bytes) => textOf(Number(bytes)))
      const most = textOf(LIMIT)
      assert.equal(await engine.bus.call(IDC, 'echo', most), most)
      const sent = await problemOf(engine.bus.call(IDC, 'echo', `${most}x`))
      assert.equal(sent.code, 'FRAME_TOO_LARGE')
      assert.deepEqual(sent.details, { method: 'echo', bytes: LIMIT + 1, limit: LIMIT })
      const answered = await problemOf(engine.bus.call(IDC, 'grow', LIMIT + 7))
      assert.equal(answered.code, 'FRAME_TOO_LARGE')
      assert.deepEqual(answered.details, { method: 'grow', bytes: LIMIT + 7, limit: LIMIT })

      assert.deepEqual(await engine.bus.call(IDC, 'echo', nested(64)), nested(64))
      await assert.rejects(engine.bus.call(IDC, 'echo', nested(65)), withCode('FRAME_TOO_DEEP'))
      // Brackets within a text are text.
      const text = `${'['.repeat(100)}"\\"${'{'.repeat(100)}`
      assert.equal(await engine.bus.call(IDC, 'echo', text), text)
      assert.equal(calls, 3)
    },
  },
  {
    name: 'closing fails the calls that are under way, on both sides and at once',
    async run({ engine }) {
      const begun = collector<AbortSignal>()
      await engine.bus.serve(IDC, 'hang', servedBy(), (_, { signal }) => {
        begun.add(signal)
        return new Promise(() => undefined)
      })
      const call = problemOf(engine.bus.call(IDC, 'hang', null, { timeoutMs: 60_000 }))
      const signal = first(await begun.count(1))
      await engine.close()
      assert.equal((await call).code, 'ENGINE_CLOSED')
      await abortOf(signal)
    },
  },
]
