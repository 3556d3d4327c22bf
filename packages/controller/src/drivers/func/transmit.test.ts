// Through an overlord: func-transmit in place of a way of our own.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Driver } from '../../driver.ts'
import { shell } from '../conformance/case-kit.ts'
import { call, type FuncLab, on, openFuncLab } from './testing/func-lab.ts'
import { type FuncRig, funcRig } from './testing/func-rig.ts'

let lab: FuncLab
let master: FuncLab['master']
let funcd: FuncLab['funcd']
let rig: FuncLab['rig']
const _another: FuncLab['another'] = (options) => lab.another(options)

beforeAll(async () => {
  lab = await openFuncLab()
  ;({ master, funcd, rig } = lab)
})
afterAll(() => lab?.close())

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
