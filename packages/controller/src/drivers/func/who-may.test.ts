// Who reaches a funcd and who does not: certificates, access lists, TLS of old, and what never answers.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endMessage } from '@omserver/core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { testCertmaster } from '../../../../../e2e/support/func/certificates.ts'
import { type Carried, shell } from '../conformance/case-kit.ts'
import { call, type FuncLab, listen, on, openFuncLab } from './testing/func-lab.ts'
import { funcRig } from './testing/func-rig.ts'

let lab: FuncLab
let master: FuncLab['master']
let funcd: FuncLab['funcd']
let rig: FuncLab['rig']
const another: FuncLab['another'] = (options) => lab.another(options)

beforeAll(async () => {
  lab = await openFuncLab()
  ;({ master, funcd, rig } = lab)
})
afterAll(() => lab?.close())

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
