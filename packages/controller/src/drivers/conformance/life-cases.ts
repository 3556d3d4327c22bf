// The life of one host: started once, before anything acts; one end, that says what happened.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type ConformanceCase, carry, folderOf, has, shell } from './case-kit.ts'

const oddNames = [
  'a',
  'web-1.example.com',
  '北京-机房一',
  "o'brien",
  'with"quote',
  '$HOME',
  '`id`',
  '-n',
  '*',
  'back\\slash',
  '100%',
  'x'.repeat(253),
]

export const lifeCases: readonly ConformanceCase[] = [
  {
    name: 'a command that works ends ok, with its output',
    run: async (harness) => {
      const { end, stdout, calls } = await carry(harness, shell('echo hello'))
      assert.equal(end.state, 'ok')
      assert.equal(end.exit, 0)
      assert.equal(stdout.toString(), 'hello\n')
      assert.equal(calls.filter((call) => call === 'started').length, 1)
      assert.ok(calls.indexOf('started') < calls.indexOf('stdout'))
    },
  },
  {
    name: 'a command that fails ends failed, with its exit code',
    run: async (harness) => {
      const { end } = await carry(harness, shell('exit 3'))
      assert.equal(end.state, 'failed')
      assert.equal(end.reason, 'exit')
      assert.equal(end.exit, 3)
    },
  },
  {
    name: 'an exit code that counts as ok is ok, one that counts as changed is changed',
    run: async (harness) => {
      const ok = await carry(harness, shell('exit 3', { okExit: [3] }))
      assert.deepEqual([ok.end.state, ok.end.changed], ['ok', undefined])
      const zero = await carry(harness, shell('exit 0', { okExit: [3] }))
      assert.equal(zero.end.state, 'failed')
      const changed = await carry(harness, shell('exit 4', { changedExit: [4] }))
      assert.deepEqual([changed.end.state, changed.end.changed], ['ok', true])
      const same = await carry(harness, shell('exit 0', { changedExit: [4] }))
      assert.deepEqual([same.end.state, same.end.changed], ['ok', false])
    },
  },
  {
    name: 'nothing acts before the start is durable',
    needs: 'machine',
    run: async (harness) => {
      const file = join(folderOf(harness), 'acted')
      let tooEarly = true
      const { end } = await carry(harness, shell(`echo 1 >>${file}`), {
        started: async () => {
          // Another command goes all the way to the host and back: the first had time to act.
          await carry(harness, shell('true'))
          tooEarly = existsSync(file)
        },
      })
      assert.equal(tooEarly, false)
      assert.equal(end.state, 'ok')
      assert.ok(existsSync(file))
    },
  },
  {
    name: 'a start that could not be made durable sends nothing',
    needs: 'machine',
    run: async (harness) => {
      const file = join(folderOf(harness), 'acted')
      const { end } = await carry(harness, shell(`echo 1 >>${file}`), {
        started: () => Promise.reject(new Error('the log is full')),
      })
      assert.notEqual(end.state, 'ok')
      await carry(harness, shell('true'))
      assert.equal(existsSync(file), false)
    },
  },
  {
    name: 'a host that cannot be reached ends unreachable and was never started',
    needs: 'unreachable',
    run: async (harness) => {
      const { end, calls } = await carry(harness, shell('true'), { host: harness.unreachable })
      assert.equal(end.state, 'unreachable')
      assert.ok(end.reason)
      assert.ok(end.message)
      assert.deepEqual(calls, [])
    },
  },
  {
    name: 'a host that never answers ends unreachable when the connect timeout is over',
    needs: 'silent',
    run: async (harness) => {
      const from = performance.now()
      const host = harness.silent
      const { end, calls } = await carry(harness, shell('true'), { host, connectTimeoutMs: 300 })
      assert.ok(performance.now() - from < 5_000)
      assert.deepEqual([end.state, end.reason], ['unreachable', 'connectTimeout'])
      assert.deepEqual(calls, [])
    },
  },
  {
    name: 'a host may have any name',
    run: async (harness) => {
      const action = { kind: 'shell', command: ['echo name: ', { var: 'host.name' }] } as const
      const all = oddNames.map(async (name) => {
        const own = has(harness, 'anyName') ? { ...harness.host, name } : harness.host
        const host = { ...own, vars: { ...own.vars, 'host.name': name } }
        const { end, stdout } = await carry(harness, action, { host })
        assert.equal(end.state, 'ok', name)
        if (harness.machine) assert.equal(stdout.toString(), `name: ${name}\n`)
      })
      await Promise.all(all)
    },
  },
  {
    name: 'a signal ends a host as failed and is named',
    needs: 'machine',
    uses: 'signals',
    run: async (harness) => {
      const { end } = await carry(harness, shell('kill -9 $$'))
      assert.deepEqual([end.state, end.reason, end.signal], ['failed', 'signal', 'SIGKILL'])
    },
  },
  {
    name: 'many commands at once on one host all end, each with its own output',
    run: async (harness) => {
      const all = await Promise.all(
        Array.from({ length: 30 }, (_, n) => carry(harness, shell(`echo number ${n}`))),
      )
      for (const [n, { end, stdout }] of all.entries()) {
        assert.equal(end.state, 'ok')
        assert.equal(stdout.toString(), `number ${n}\n`)
      }
    },
  },
]
