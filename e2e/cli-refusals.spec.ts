// The command line where nothing is to be done: what is asked for does not exist, or nobody answers. Exit codes 2 and 3.

import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OmServer, runOm, startOmServer } from './support/omserver.ts'

let server: OmServer

beforeAll(async () => {
  server = await startOmServer()
  const host = ['hosts', 'add', 'web-1', '--address', '192.0.2.1', '--label', 'app=nginx']
  expect((await server.om(host)).code).toBe(0)
})
afterAll(() => server?.remove())

describe('bad input', () => {
  test.each([
    ['unknown module', ['run', 'no.such', '-t', 'web-1'], 'no.such'],
    [
      'a parameter the module lacks',
      ['run', 'system.uptime', '-t', 'web-1', '-p', 'colour=red'],
      'colour',
    ],
    [
      'a parameter of the wrong type',
      ['run', 'system.log', '-t', 'web-1', '-p', 'lines="many"'],
      'lines',
    ],
    ['a missing parameter', ['run', 'shell', '-t', 'web-1'], 'command'],
    ['a selector that matches nothing', ['run', 'system.uptime', '-t', 'app=nosuch'], ''],
    ['a selector that does not parse', ['run', 'system.uptime', '-t', 'idc=sz,,web-['], ''],
    ['a host that does not exist', ['run', 'system.uptime', '-t', 'web-1 web-999'], 'web-999'],
    ['a batch that is none', ['run', 'system.uptime', '-t', 'web-1', '--batch', 'half'], 'half'],
    ['an unknown option', ['run', 'system.uptime', '-t', 'web-1', '--nope'], '--nope'],
    [
      'a dangerous module without a confirmation',
      ['run', 'process.kill', '-t', 'web-1', '-p', 'name=nosuchprocess'],
      '',
    ],
  ])('%s: exit code 2, a message, nothing runs', async (_, args, culprit) => {
    const before = (await server.om(['runs', 'list', '--json'])).json<{ items: unknown[] }>().items
      .length
    const result = await server.om(args)
    expect(result.code).toBe(2)
    expect(result.stderr).toContain(culprit)
    expect(result.stderr.trim()).not.toBe('')
    const after = (await server.om(['runs', 'list', '--json'])).json<{ items: unknown[] }>().items
      .length
    expect(after).toBe(before)
  })

  test('a list of what is not there says so, and lists the rest', async () => {
    const none = await server.om(['hosts', 'list', '-t', 'app=nosuch'])
    expect([none.code, none.stdout]).toEqual([2, ''])
    expect(none.stderr).toContain('app=nosuch')
    const some = await server.om(['hosts', 'list', '-t', 'web-1 web-999', '--json'])
    expect(some.code).toBe(2)
    expect(some.stderr).toContain('web-999')
    expect(some.json<{ items: { name: string }[] }>().items.map(({ name }) => name)).toEqual([
      'web-1',
    ])
  })

  test('a server that takes connections and never answers, and one that is none of ours: exit code 3', async () => {
    const home = mkdtempSync(join(tmpdir(), 'om-home-'))
    const sockets = new Set<Socket>()
    const deaf = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1')
    const other = createHttpServer((_, response) => response.writeHead(400).end('no')).listen(
      0,
      '127.0.0.1',
    )
    await Promise.all([once(deaf, 'listening'), once(other, 'listening')])
    const urlOf = (address: ReturnType<typeof deaf.address>) => {
      if (address === null || typeof address === 'string') throw new Error('no port')
      return `http://127.0.0.1:${address.port}`
    }
    const began = Date.now()
    const env = { OM_URL: urlOf(deaf.address()), OM_TOKEN: 'om_x' }
    const silent = await runOm(['hosts', 'list'], { home, env, timeoutMs: 60_000 })
    expect(silent.code).toBe(3)
    expect(silent.stderr).toContain(env.OM_URL)
    expect(Date.now() - began).toBeLessThan(40_000)
    // Somebody who is signed in elsewhere is told about the server that they asked for.
    const url = urlOf(other.address())
    const login = ['login', url, '--user', 'admin', '--password-stdin']
    const foreign = await server.om(login, { input: 'x' })
    expect(foreign.code).toBe(3)
    for (const socket of sockets) socket.destroy()
    deaf.close()
    other.close()
    await once(other, 'close')
    const gone = await server.om(login, { input: 'x' })
    expect(gone.code).toBe(3)
    expect(gone.stderr).toContain(url)
    rmSync(home, { recursive: true })
  })

  test('no server and a wrong token: exit code 3', async () => {
    const home = mkdtempSync(join(tmpdir(), 'om-home-'))
    const unreachable = await runOm(['hosts', 'list'], {
      home,
      env: { OM_URL: 'http://127.0.0.1:9', OM_TOKEN: 'om_x' },
    })
    expect(unreachable.code).toBe(3)
    const denied = await runOm(['hosts', 'list'], {
      home,
      env: { OM_URL: server.url, OM_TOKEN: 'om_wrong' },
    })
    expect(denied.code).toBe(3)
    rmSync(home, { recursive: true })
  })
})
