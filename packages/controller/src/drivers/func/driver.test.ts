// What is funcd's own: certificates, encodings, jobs, errors that are no faults, and an overlord in between.

import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CallAction, Json, TargetHost } from '@omserver/core'
import { endMessage } from '@omserver/core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  type TestCertmaster,
  testCertmaster,
} from '../../../../../e2e/support/func/certificates.ts'
import { type Funcd, type FuncdOptions, startFuncd } from '../../../../../e2e/support/func/funcd.ts'
import type { Driver } from '../../driver.ts'
import { type Carried, type CarryOptions, carry, shell } from '../conformance/case-kit.ts'
import { type FuncRig, funcRig } from './testing/func-rig.ts'

let master: TestCertmaster
let funcd: Funcd
let rig: FuncRig

beforeAll(async () => {
  master = testCertmaster()
  funcd = await startFuncd({ ca: master.ca, pair: master.issue('m1', { alternative: 'DNS:m1' }) })
  rig = funcRig(master.ca, master.pair)
})

afterAll(async () => {
  await funcd?.stop()
  master?.close()
})

const call = (name: string, ...args: Json[]): CallAction => ({ kind: 'call', function: name, args })

const on = (
  one: FuncRig,
  host: TargetHost,
  action: Parameters<typeof carry>[1],
  options: CarryOptions = {},
): Promise<Carried> =>
  carry({ driver: one.driver, host, secret: one.secret }, action, { ...options, host })

const another = async (options: Partial<FuncdOptions> = {}): Promise<Funcd> => {
  const pair = options.pair ?? master.issue('m1', { alternative: 'DNS:m1' })
  const started = await startFuncd({ ca: master.ca, ...options, pair })
  onTestFinished(() => started.stop())
  return started
}

const listen = async (onSocket: (socket: Socket) => void): Promise<number> => {
  const server = createServer(onSocket).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const bound = server.address()
  return typeof bound === 'object' && bound !== null ? bound.port : 0
}

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

describe('who may', () => {
  const expectTls = (carried: Carried, message: RegExp): void => {
    const { end, calls } = carried
    expect(end.message).toMatch(message)
    expect([end.state, end.reason]).toEqual(['unreachable', 'tlsFailed'])
    expect(calls).toEqual([])
    const { zh, en } = endMessage(end.message ?? '')
    expect(zh).not.toBe(en)
  }

  test('a host is known by its alternative names, and by its common name where there are none', async () => {
    const old = await another({ pair: master.issue('m1') })
    expect((await on(rig, rig.host('m1', old.port), call('test.ping'))).end.state).toBe('ok')
    const other = await another({ pair: master.issue('m1', { alternative: 'DNS:m2' }) })
    expectTls(
      await on(rig, rig.host('m1', other.port), call('test.ping')),
      /shows the certificate of m2, not of m1/,
    )
    expectTls(
      await on(rig, rig.host('m9', old.port), call('test.ping')),
      /certificate of m1, not of m9/,
    )
  })

  test('a certificate that has expired, or comes from another CA', async () => {
    const late = await another({ pair: master.issue('m1', { expired: true }) })
    expectTls(await on(rig, rig.host('m1', late.port), call('test.ping')), /has expired/)
    const others = testCertmaster()
    onTestFinished(() => others.close())
    const foreign = await another({ pair: others.issue('m1') })
    expectTls(
      await on(rig, rig.host('m1', foreign.port), call('test.ping')),
      /not one of the CA of the endpoint site/,
    )
    const stranger = funcRig(master.ca, others.issue('me'))
    expectTls(
      await on(stranger, stranger.host('m1', funcd.port), call('test.ping')),
      /may not accept our certificate|did not accept the certificate/,
    )
    const nonsense = funcRig('no pem', { cert: 'x', key: 'y' })
    expectTls(
      await on(nonsense, nonsense.host('m1', funcd.port), call('test.ping')),
      /cannot be used/,
    )
  })

  test('an alert about our certificate is understood', async () => {
    const others = testCertmaster()
    onTestFinished(() => others.close())
    const stranger = funcRig(master.ca, others.issue('me'))
    const pair = master.issue('m1')
    const folder = mkdtempSync(join(tmpdir(), 'om-s-server-'))
    writeFileSync(join(folder, 'pair.pem'), pair.cert + pair.key)
    writeFileSync(join(folder, 'ca.pem'), master.ca)
    const server = spawn(
      'openssl',
      [
        's_server',
        '-accept',
        '127.0.0.1:0',
        '-cert',
        'pair.pem',
        '-CAfile',
        'ca.pem',
        '-Verify',
        '2',
        '-verify_return_error',
      ],
      { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] },
    )
    onTestFinished(() => {
      server.kill()
      rmSync(folder, { recursive: true, force: true })
    })
    const port = await new Promise<number>((resolve) => {
      let said = ''
      server.stdout.on('data', (bytes: Buffer) => {
        said += bytes.toString()
        const found = /ACCEPT \S*:(\d+)/.exec(said)
        if (found) resolve(Number(found[1]))
      })
    })
    expectTls(
      await on(stranger, stranger.host('m1', port), call('test.ping')),
      /did not accept the certificate of the endpoint site/,
    )
  })

  test('what the access list does not allow is refused, and that is said', async () => {
    const strict = await another({
      allows: (caller, method) => caller === 'somebody' || method === 'test.ping',
    })
    for (const action of [call('test.add', 1, 2), shell('echo hello')]) {
      const { end } = await on(rig, rig.host('m1', strict.port), action)
      expect([end.state, end.reason]).toEqual(['failed', 'callFailed'])
      expect(end.message).toContain('AccessToMethodDenied')
    }
  })

  test('a funcd of old is reached with legacy TLS', async () => {
    const old = testCertmaster(true)
    onTestFinished(() => old.close())
    const one = await another({
      ca: old.ca,
      pair: old.issue('m1', { alternative: 'DNS:m1' }),
      legacyTls: true,
    })
    const strict = funcRig(old.ca, old.pair)
    const refused = await on(strict, strict.host('m1', one.port), call('test.ping'))
    expectTls(refused, /legacy TLS/)
    const legacy = funcRig(old.ca, old.pair, { settings: { legacyTls: true } })
    expect((await on(legacy, legacy.host('m1', one.port), call('test.ping'))).end).toEqual({
      state: 'ok',
    })
  })

  test.each([
    ['an alert in its own version', [0x15, 3, 0, 0, 2, 2, 40]],
    [
      'a hello in its own version',
      [
        0x16,
        3,
        0,
        0,
        74,
        2,
        0,
        0,
        70,
        3,
        0,
        ...Array.from({ length: 32 }, () => 1),
        32,
        ...Array.from({ length: 32 }, () => 2),
        0,
        5,
        0,
      ],
    ],
  ])(
    'a funcd that speaks only SSLv3 answers %s: the way round it is named',
    async (_name, bytes) => {
      const port = await listen((socket) => {
        socket.on('error', () => undefined)
        socket.once('data', () => socket.end(Buffer.from(bytes)))
      })
      for (const legacyTls of [false, true]) {
        const one = funcRig(master.ca, master.pair, { settings: { legacyTls } })
        expectTls(await on(one, one.host('m1', port), call('test.ping')), /func-transmit/)
      }
    },
  )

  test('a handshake that stalls, and an answer that never comes, end in time', async () => {
    const port = await listen((socket) => void socket.on('error', () => undefined))
    const stalled = await on(rig, rig.host('m1', port), call('test.ping'), {
      connectTimeoutMs: 300,
    })
    expect([stalled.end.state, stalled.end.reason]).toEqual(['unreachable', 'connectTimeout'])
    expect(stalled.end.message).toContain('TLS handshake')
    const mute = await another()
    mute.holdAnswers(true)
    const silent = await on(rig, rig.host('m1', mute.port), shell('true'), {
      connectTimeoutMs: 500,
    })
    expect([silent.end.state, silent.end.reason, silent.calls]).toEqual([
      'unreachable',
      'connectTimeout',
      [],
    ])
  })

  test('a host without an endpoint, or with one that is gone', async () => {
    for (const endpointId of [undefined, 'gone']) {
      const host = { ...rig.host('m1', funcd.port), endpointId }
      const { end, calls } = await on(rig, host, call('test.ping'))
      expect([end.state, end.reason, calls]).toEqual(['unreachable', 'noCredential', []])
    }
  })
})

describe('through an overlord', () => {
  /** In the place of ssh: the overlord's func-transmit, asking a funcd that speaks what nobody else does. */
  const overlord = (funcRigOf: FuncRig, port: number, asked: string[]): Driver => ({
    ...funcRigOf.driver,
    name: 'ssh',
    carryOut: async (work, report) => {
      const { action } = work
      if (action.kind !== 'shell' || typeof action.stdin !== 'string')
        throw new Error('not as expected')
      expect(action.command).toEqual(['exec func-transmit --json'])
      expect(work.host.access.credentialId).toBe('login-of-overlord')
      asked.push(action.stdin)
      const { clients, module, method, parameters } = JSON.parse(action.stdin)
      await report.started()
      const inner = await import('./direct.ts')
      const { createGateKeeper } = await import('../../gate-keeper.ts')
      const setting = {
        id: 'e',
        name: 'site',
        version: 1,
        mode: 'direct',
        port,
        ca: master.ca,
        ...master.pair,
        legacyTls: false,
      } as const
      const transport = inner.directTransport(
        { name: clients, address: '127.0.0.1', port },
        setting,
        {
          context: () => inner.contextOf(setting),
          sockets: createGateKeeper(4),
        },
      )
      const options = {
        connectTimeoutMs: 5_000,
        timeoutMs: 20_000,
        signal: new AbortController().signal,
      }
      const answer = await transport.call(`${module}.${method}`, parameters, options)
      const { jsonOf } = await import('./value.ts')
      const result =
        answer.kind === 'value'
          ? jsonOf(answer.value)
          : ['REMOTE_ERROR', 'socket.error', 'message' in answer ? answer.message : answer.text, '']
      await report.output('stdout', Buffer.from(JSON.stringify({ [clients]: result })))
      return { state: 'ok', exit: 0 }
    },
  })

  const through = (port: number) => {
    const asked: string[] = []
    const ssh = overlord(rig, port, asked)
    const one = funcRig(
      '',
      { cert: '', key: '' },
      { settings: { mode: 'transmit', overlord: 'o1' }, ssh },
    )
    const jumps = [{ address: '10.0.0.1', port: 22, credentialId: 'login-of-overlord' }]
    return { one, asked, host: one.host('m1', 22, { jumps }) }
  }

  test('calls and commands give the same, and only the name of func-transmit is in a command line', async () => {
    const { one, asked, host } = through(funcd.port)
    const added = await on(one, host, call('test.add', 1, 2))
    expect([added.end.state, added.stdout.toString()]).toEqual(['ok', '3\n'])
    const ran = await on(
      one,
      host,
      shell(`printf 'h\\303\\251llo\\377'; cat; exit 3`, { stdin: 'some input' }),
    )
    expect([ran.end.state, ran.end.exit]).toEqual(['failed', 3])
    expect(ran.stdout).toEqual(
      Buffer.concat([Buffer.from('héllo'), Buffer.of(255), Buffer.from('some input')]),
    )
    expect(JSON.parse(asked[0] ?? '')).toEqual({
      clients: 'm1',
      async: false,
      nforks: 1,
      module: 'test',
      method: 'ping',
      parameters: [],
    })
  })

  test('a host that the overlord cannot reach is unreachable; a secret is refused', async () => {
    const { one, host } = through(1)
    const { end, calls } = await on(one, host, shell('true'))
    expect([end.state, end.reason, calls]).toEqual(['unreachable', 'jumpFailed', []])
    const secret = await on(one, host, shell('true', { stdin: one.secret('x') }))
    expect([secret.end.state, secret.calls]).toEqual(['failed', []])
    expect(secret.end.message).toContain('secret')
    const pattern = await on(one, { ...host, name: '*' }, call('test.ping'))
    expect(pattern.end.state).toBe('unreachable')
    expect(pattern.end.message).toContain('pattern')
  })
})
