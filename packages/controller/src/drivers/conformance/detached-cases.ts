// Commands that go on by themselves: begun once, followed from the beginning by whoever comes, ended only when told to.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type ConformanceCase,
  carry,
  eventually,
  folderOf,
  isAlive,
  pidsIn,
  shell,
  withinGrace,
} from './case-kit.ts'

let attempts = 1_000

/** Each case is an attempt of its own: two that were the same would be one to the host. */
const newAttempt = (): number => ++attempts

export const detachedCases: readonly ConformanceCase[] = [
  {
    name: 'a detached command ends as one that is not, with its output',
    needs: 'detaches',
    run: async (harness) => {
      const ok = await carry(harness, shell('echo hello'), {
        detached: { attempt: newAttempt(), resume: false },
      })
      assert.deepEqual([ok.end.state, ok.end.exit, ok.stdout.toString()], ['ok', 0, 'hello\n'])
      assert.equal(ok.calls.filter((call) => call === 'started').length, 1)
      assert.ok(ok.calls.indexOf('started') < ok.calls.indexOf('stdout'))
      const failed = await carry(harness, shell('exit 3'), {
        detached: { attempt: newAttempt(), resume: false },
      })
      assert.deepEqual([failed.end.state, failed.end.exit], ['failed', 3])
    },
  },
  {
    name: 'whoever follows a detached command later has all of its output, and does not start it again',
    needs: 'machine',
    run: async (harness) => {
      if (!harness.driver.detaches) return
      const folder = folderOf(harness)
      const attempt = newAttempt()
      const go = join(folder, 'go')
      const action = shell(
        `echo x >>${folder}/ran; echo one; echo wrong >&2; while [ ! -e ${go} ]; do sleep 0.1; done; echo two; exit 4`,
      )
      const leave = new AbortController()
      const first = await carry(harness, action, {
        detached: { attempt, resume: false },
        signal: leave.signal,
        stored: false,
        output: () => {
          leave.abort('leave')
          return undefined
        },
      })
      assert.equal(first.end.state, 'lost')
      const others = [1, 2].map(() =>
        carry(harness, action, { detached: { attempt, resume: true }, stored: false }),
      )
      await carry(harness, shell(`: >${go}`))
      for (const { end, stdout, stderr, calls } of await Promise.all(others)) {
        assert.deepEqual([end.state, end.exit], ['failed', 4])
        assert.equal(stdout.toString(), 'one\ntwo\n')
        assert.equal(stderr.toString(), 'wrong\n')
        assert.ok(!calls.includes('started'))
      }
      assert.equal(readFileSync(join(folder, 'ran'), 'utf8'), 'x\n')
      const last = await carry(harness, action, { detached: { attempt, resume: true } })
      assert.equal(last.stdout.toString(), 'one\ntwo\n')
      // Its end was stored: the host forgets it.
      await eventually('the spool is gone', () => !harness.spoolOf?.(attempt))
    },
  },
  {
    name: 'a detached command reads its input and its secrets, whoever sends them goes away',
    needs: 'machine',
    run: async (harness) => {
      if (!harness.driver.detaches) return
      const { end, stdout } = await carry(
        harness,
        shell('echo "$OM_TEST_SECRET"; cat', {
          env: { OM_TEST_SECRET: harness.secret('two\nlines') },
          stdin: 'and input',
        }),
        { detached: { attempt: newAttempt(), resume: false } },
      )
      assert.equal(end.state, 'ok')
      assert.equal(stdout.toString(), 'two\nlines\nand input')
    },
  },
  {
    name: 'a detached command that is aborted is ended, children too',
    needs: 'machine',
    run: async (harness) => {
      if (!harness.driver.detaches) return
      const file = join(folderOf(harness), 'pids')
      const abort = new AbortController()
      const running = carry(
        harness,
        shell(`sleep 600 & echo $! >>${file}; echo $$ >>${file}; wait`),
        {
          detached: { attempt: newAttempt(), resume: false },
          signal: abort.signal,
        },
      )
      const pids = await pidsIn(file, 2)
      abort.abort('abort')
      const { end } = await withinGrace(running)
      assert.equal(end.leftRunning, 'no')
      await eventually('all ended', () => pids.every((pid) => !isAlive(pid)))
    },
  },
  {
    name: 'a detached command that was begun by another is ended by whoever is told to',
    needs: 'machine',
    run: async (harness) => {
      if (!harness.driver.detaches) return
      const file = join(folderOf(harness), 'pids')
      const attempt = newAttempt()
      const action = shell(`echo $$ >>${file}; echo up; exec sleep 600`)
      const leave = new AbortController()
      await carry(harness, action, {
        detached: { attempt, resume: false },
        signal: leave.signal,
        stored: false,
        output: () => {
          leave.abort('leave')
          return undefined
        },
      })
      const [pid = 0] = await pidsIn(file, 1)
      assert.ok(isAlive(pid))
      const { end } = await withinGrace(
        carry(harness, action, {
          detached: { attempt, resume: true },
          signal: AbortSignal.abort('abort'),
        }),
      )
      assert.equal(end.leftRunning, 'no')
      await eventually('ended', () => !isAlive(pid))
    },
  },
  {
    name: 'what was never begun is not begun by whoever follows it',
    needs: 'machine',
    run: async (harness) => {
      if (!harness.driver.detaches) return
      const file = join(folderOf(harness), 'ran')
      const detached = { attempt: newAttempt(), resume: true }
      const action = shell(`: >${file}`)
      const { end } = await carry(harness, action, { detached })
      assert.deepEqual([end.state, end.leftRunning], ['lost', 'no'])
      // Nor by a start that comes late.
      const late = await carry(harness, action, { detached: { ...detached, resume: false } })
      assert.equal(late.end.state, 'lost')
      assert.equal(existsSync(file), false)
    },
  },
  {
    name: 'a detached command whose host was started anew is lost, and says so',
    needs: 'machine',
    run: async (harness) => {
      if (!harness.driver.detaches) return
      const file = join(folderOf(harness), 'pids')
      const running = carry(harness, shell(`ps -o sid= -p $$ >>${file}; echo half; sleep 600`), {
        detached: { attempt: newAttempt(), resume: false },
      })
      const [session = 0] = await pidsIn(file, 1)
      process.kill(-session, 'SIGKILL')
      const { end, stdout } = await running
      assert.deepEqual([end.state, end.reason, end.exit], ['lost', 'connectionCut', undefined])
      assert.ok(['half\n', ''].includes(stdout.toString()))
    },
  },
]
