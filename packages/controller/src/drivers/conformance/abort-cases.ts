// Stopping: at any moment, more than once, in time; and what it leaves on the host.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  type ConformanceCase,
  carry,
  type DriverHarness,
  eventually,
  folderOf,
  isAlive,
  pidsIn,
  shell,
  withinGrace,
} from './case-kit.ts'

/** Starts a command that writes `count` pids, aborts it, and returns its end and what is left alive. */
const abortRunning = async (harness: DriverHarness, text: string, count: number) => {
  const file = join(folderOf(harness), 'pids')
  const stop = new AbortController()
  const carried = carry(harness, shell(text.replaceAll('FILE', file)), { signal: stop.signal })
  const pids = await pidsIn(file, count)
  assert.equal(pids.filter(isAlive).length, count)
  stop.abort('abort')
  const { end } = await withinGrace(carried)
  return { end, pids }
}

export const abortCases: readonly ConformanceCase[] = [
  {
    name: 'aborted before it began: nothing is started',
    run: async (harness) => {
      const { end, calls } = await carry(harness, shell('echo hello'), {
        signal: AbortSignal.abort('abort'),
      })
      assert.notEqual(end.state, 'ok')
      assert.deepEqual(calls, [])
    },
  },
  {
    name: 'aborted while connecting: ends in time, nothing is started',
    needs: 'silent',
    run: async (harness) => {
      const stop = new AbortController()
      const host = harness.silent
      const carried = carry(harness, shell('true'), { host, signal: stop.signal })
      await new Promise((resolve) => setTimeout(resolve, 50))
      stop.abort('abort')
      const { end, calls } = await withinGrace(carried)
      assert.notEqual(end.state, 'ok')
      assert.deepEqual(calls, [])
    },
  },
  {
    name: 'aborted while its start is being made durable: nothing acts',
    needs: 'machine',
    run: async (harness) => {
      const file = join(folderOf(harness), 'acted')
      const stop = new AbortController()
      const { end } = await carry(harness, shell(`echo 1 >>${file}`), {
        signal: stop.signal,
        started: async () => stop.abort('abort'),
      })
      assert.notEqual(end.state, 'ok')
      assert.equal(end.leftRunning, 'no')
      await carry(harness, shell('true'))
      assert.equal(existsSync(file), false)
    },
  },
  {
    name: 'aborted while running: ends in time, once, however often it is told',
    run: async (harness) => {
      const stop = new AbortController()
      const begun = Promise.withResolvers<void>()
      const carried = carry(harness, shell('sleep 600'), {
        signal: stop.signal,
        started: async () => begun.resolve(),
      })
      await begun.promise
      await new Promise((resolve) => setTimeout(resolve, 200))
      stop.abort('abort')
      stop.abort('timeout')
      const { end, calls } = await withinGrace(carried)
      assert.notEqual(end.state, 'ok')
      assert.equal(calls.filter((call) => call === 'started').length, 1)
      if (harness.driver.capabilities.abort === 'remote') assert.equal(end.leftRunning, 'no')
    },
  },
  {
    name: 'aborted at the very start of a command: ends once, and nothing is left',
    needs: 'machine',
    run: async (harness) => {
      const file = join(folderOf(harness), 'pids')
      for (let turn = 0; turn < 8; turn++) {
        const stop = new AbortController()
        const told = Promise.withResolvers<void>()
        const carried = carry(harness, shell(`echo $$ >>${file}; exec sleep 600`), {
          signal: stop.signal,
          started: async () => {
            for (let later = 0; later < turn; later++) {
              await new Promise((resolve) => setImmediate(resolve))
            }
            setImmediate(() => {
              stop.abort('timeout')
              told.resolve()
            })
          },
        })
        await told.promise
        const { end } = await withinGrace(carried)
        assert.notEqual(end.state, 'ok')
        if (end.leftRunning === 'no' && existsSync(file)) {
          const pids = await pidsIn(file, 0)
          await eventually('all are gone', () => !pids.some(isAlive))
        }
      }
    },
  },
  {
    name: 'aborted after it ended: the end stays as it was',
    run: async (harness) => {
      const stop = new AbortController()
      const { end } = await carry(harness, shell('echo hello'), { signal: stop.signal })
      stop.abort('abort')
      await new Promise((resolve) => setImmediate(resolve))
      assert.equal(end.state, 'ok')
    },
  },
  {
    name: 'an aborted command is really gone from the host',
    needs: 'machine',
    run: async (harness) => {
      const { end, pids } = await abortRunning(harness, 'echo $$ >>FILE; sleep 600; true', 1)
      assert.equal(end.leftRunning, 'no')
      assert.deepEqual(pids.filter(isAlive), [])
    },
  },
  {
    name: 'a loop that starts no other program is gone too',
    needs: 'machine',
    run: async (harness) => {
      const { end, pids } = await abortRunning(harness, 'echo $$ >>FILE; while :; do :; done', 1)
      assert.equal(end.leftRunning, 'no')
      assert.deepEqual(pids.filter(isAlive), [])
    },
  },
  {
    name: 'its children, pipelines and background jobs are gone too',
    needs: 'machine',
    run: async (harness) => {
      const text =
        'sleep 600 & echo $! >>FILE; (sleep 600; :) & echo $! >>FILE; echo $$ >>FILE; sleep 600 | cat'
      const { end, pids } = await abortRunning(harness, text, 3)
      assert.equal(end.leftRunning, 'no')
      assert.deepEqual(pids.filter(isAlive), [])
    },
  },
  {
    name: 'a command that ignores TERM is killed all the same',
    needs: 'machine',
    run: async (harness) => {
      const text = `trap '' TERM HUP INT; echo $$ >>FILE; while :; do sleep 1; done`
      const { end, pids } = await abortRunning(harness, text, 1)
      assert.equal(end.leftRunning, 'no')
      assert.deepEqual(pids.filter(isAlive), [])
    },
  },
  {
    name: 'a command in a session of its own is found below the one we started',
    needs: 'machine',
    run: async (harness) => {
      const text = `setsid -w sh -c 'echo $$ >>FILE; sleep 600; :'; true`
      const { end, pids } = await abortRunning(harness, text, 1)
      assert.equal(end.leftRunning, 'no')
      assert.deepEqual(pids.filter(isAlive), [])
    },
  },
  {
    name: 'aborting one command leaves another on the same host alone',
    needs: 'machine',
    run: async (harness) => {
      const folder = folderOf(harness)
      const [one, two] = [join(folder, 'one'), join(folder, 'two')]
      const stop = new AbortController()
      const stopOther = new AbortController()
      const text = (file: string): string => `echo $$ >>${file}; sleep 600; :`
      const first = carry(harness, shell(text(one)), { signal: stop.signal })
      const other = carry(harness, shell(text(two)), { signal: stopOther.signal })
      const [pid = 0] = await pidsIn(one, 1)
      const [otherPid = 0] = await pidsIn(two, 1)
      stop.abort('abort')
      await withinGrace(first)
      assert.deepEqual([isAlive(pid), isAlive(otherPid)], [false, true])
      stopOther.abort('abort')
      await withinGrace(other)
      assert.equal(isAlive(otherPid), false)
    },
  },
]
