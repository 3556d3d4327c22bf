// What is funcd's own: encodings, jobs, errors that are no faults, and output that is fetched.

import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shell } from '../conformance/case-kit.ts'
import { call, type FuncLab, listen, on, openFuncLab } from './testing/func-lab.ts'

let lab: FuncLab
let funcd: FuncLab['funcd']
let rig: FuncLab['rig']
const another: FuncLab['another'] = (options) => lab.another(options)

beforeAll(async () => {
  lab = await openFuncLab()
  ;({ funcd, rig } = lab)
})
afterAll(() => lab?.close())

describe('calls', () => {
  test('a result is told as JSON', async () => {
    const { end, stdout, calls } = await on(
      rig,
      rig.host('m1', funcd.port),
      call('test.echo', ['é', 7, true, null, 1.5]),
    )
    expect(end).toEqual({ state: 'ok' })
    expect(JSON.parse(stdout.toString())).toEqual(['é', 7, true, null, 1.5])
    expect(calls.filter((one) => one === 'started')).toHaveLength(1)
    expect(funcd.calls).toContain('async.test.echo')
  })

  test.each(['string', 'base64'] as const)(
    'text that comes as <%s> is the same',
    async (strings) => {
      const old = await another({ strings })
      const { end, stdout } = await on(
        rig,
        rig.host('m1', old.port),
        call('command.run', 'printf "<&>héllo"; exit 3'),
      )
      expect(end.state).toBe('ok')
      expect(JSON.parse(stdout.toString())).toEqual([3, '<&>héllo', ''])
      const ran = await on(
        rig,
        rig.host('m1', old.port),
        shell(`printf '\\001\\377<&>'; echo "wörld" >&2; exit 3`),
      )
      expect([ran.end.state, ran.end.exit, ran.end.message]).toEqual(['failed', 3, 'wörld'])
      expect(ran.stdout).toEqual(Buffer.from([1, 255, 60, 38, 62]))
    },
  )

  test('an exception on the host fails it, with its text and its place', async () => {
    const { end, stderr } = await on(rig, rig.host('m1', funcd.port), call('test.explode'))
    expect([end.state, end.reason]).toEqual(['failed', 'callFailed'])
    expect(end.message).toMatch(
      /ZeroDivisionError: integer division or modulo by zero \(.*test\.py:41 in explode\)/,
    )
    expect(stderr.toString()).toContain('File "/usr/lib/python2.6')
    const nowhere = await on(rig, rig.host('m1', funcd.port), call('nope.method'))
    expect(nowhere.end.message).toContain('ModuleNotFoundException')
  })

  test('a job that the host has forgotten is lost, and says so', async () => {
    const one = await another()
    const { end } = await on(rig, rig.host('m1', one.port), call('test.sleep', 30), {
      started: async () => void setTimeout(() => one.forgetJobs(), 600),
    })
    expect([end.state, end.leftRunning]).toEqual(['lost', 'unknown'])
    expect(end.message).toMatch(/knows nothing of the job [\d.]+-minion/)
    expect(one.calls.filter((name) => name === 'async.test.sleep')).toHaveLength(1)
  })

  test('a job outlives the connection: it is asked for again', async () => {
    const one = await another()
    const proxyTo = { port: one.port, cut: false }
    const { connect } = await import('node:net')
    const port = await listen((socket) => {
      if (proxyTo.cut) return void socket.destroy()
      const up = connect(proxyTo.port, '127.0.0.1')
      socket.pipe(up).pipe(socket)
      for (const end of [socket, up]) end.on('error', () => socket.destroy())
    })
    const { end, stdout } = await on(rig, rig.host('m1', port), call('test.sleep', 1), {
      started: async () => {
        setTimeout(() => (proxyTo.cut = true), 300)
        setTimeout(() => (proxyTo.cut = false), 1_200)
      },
    })
    expect([end.state, stdout.toString()]).toEqual(['ok', '1\n'])
    expect(one.calls.filter((name) => name === 'async.test.sleep')).toHaveLength(1)
  })

  test('an abort of a call says that it goes on', async () => {
    const stop = new AbortController()
    const from = performance.now()
    const { end } = await on(rig, rig.host('m1', funcd.port), call('test.sleep', 3), {
      signal: stop.signal,
      started: async () => void setTimeout(() => stop.abort('abort'), 700),
    })
    expect([end.state, end.leftRunning]).toEqual(['lost', 'yes'])
    expect(performance.now() - from).toBeLessThan(2_900)
  })

  test('what cannot be called is refused before anything is sent', async () => {
    const before = funcd.calls.length
    for (const action of [
      call('ping'),
      call('async.test.ping'),
      { ...call('test.ping'), kwargs: { a: 1 } },
    ]) {
      const { end, calls } = await on(rig, rig.host('m1', funcd.port), action)
      expect([end.state, end.reason, calls]).toEqual(['failed', 'callFailed', []])
    }
    expect(funcd.calls).toHaveLength(before)
  })
})

describe('commands', () => {
  test('secrets are in no log of funcd, and no file is left', async () => {
    const inputs = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('om-in-'))
    const before = inputs()
    const { stdout } = await on(
      rig,
      rig.host('m1', funcd.port),
      shell('printf %s "$TOKEN"; cat', {
        env: { TOKEN: rig.secret('first-secret') },
        stdin: rig.secret('second-secret'),
      }),
    )
    expect(stdout.toString()).toBe('first-secretsecond-secret')
    expect(funcd.log.join('\n')).toContain('<Binary>')
    expect(funcd.log.join('\n')).not.toMatch(/first-secret|second-secret/)
    expect(inputs()).toEqual(before)
  })

  test('of a long output the beginning and the end arrive, and how much is missing', async () => {
    let missed = 0
    const parts: Buffer[] = []
    const end = await rig.driver.carryOut(
      {
        runId: 'run-1',
        host: rig.host('m1', funcd.port),
        action: shell('echo the beginning; head -c 24000000 /dev/zero; echo the end; exit 7'),
        connectTimeoutMs: 10_000,
      },
      {
        started: async () => undefined,
        output: (_stream, bytes) => void parts.push(Buffer.from(bytes)),
        step: () => undefined,
        keySeen: () => undefined,
        missed: (bytes) => {
          missed += bytes
        },
        elapsed: () => undefined,
        stored: Promise.resolve(true),
      },
      new AbortController().signal,
    )
    const kept = Buffer.concat(parts)
    expect(end.exit).toBe(7)
    expect(kept.length).toBe(1024 * 1024)
    expect(kept.length + missed).toBe(24_000_000 + 'the beginning\nthe end\n'.length)
    expect(kept.subarray(0, 14).toString()).toBe('the beginning\n')
    expect(kept.subarray(-8).toString()).toBe('the end\n')
  })

  test('output is heard while the command runs', async () => {
    const heard = Promise.withResolvers<number>()
    const from = performance.now()
    const { end } = await on(
      rig,
      rig.host('m1', funcd.port),
      shell('echo early; sleep 4; echo late'),
      {
        output: () => {
          heard.resolve(performance.now() - from)
          return undefined
        },
      },
    )
    expect(end.state).toBe('ok')
    expect(await heard.promise).toBeLessThan(3_800)
  })
})
