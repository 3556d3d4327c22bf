// The command line against a whole server and fifty real sshd hosts: import, trust by key, run, fail, abort, rerun.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OmServer, startOmServer } from './support/omserver.ts'
import { type Sshd, startSshd } from './support/sshd.ts'

const HOSTS = 50
let server: OmServer
let sshd: Sshd
let folder: string

interface Ended {
  readonly type: 'run.ended'
  readonly id: string
  readonly status: string
  readonly counts: Record<string, number>
}
const endOf = (events: Record<string, unknown>[]): Ended => events.at(-1) as unknown as Ended
const statesOf = (events: Record<string, unknown>[]): Record<string, unknown> =>
  Object.fromEntries(
    events
      .filter((event) => event['type'] === 'host.ended')
      .map((event) => [event['host'], event['state']]),
  )

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'om-e2e-files-'))
  sshd = await startSshd({ config: ['MaxStartups 200', 'MaxSessions 100'] })
  server = await startOmServer()
  const key = join(folder, 'key')
  writeFileSync(key, sshd.key.privateKey, { mode: 0o600 })
  const added = await server.om([
    'credentials',
    'add',
    'lab',
    '--type',
    'ssh-key',
    '--user',
    sshd.user,
    '--file',
    key,
  ])
  expect(added.stderr).toBe('')
  const lines = Array.from(
    { length: HOSTS },
    (_, n) =>
      `  - { name: web-${n + 1}, address: ${sshd.address(n)}, port: ${sshd.port}, credential: lab, driver: ssh, labels: { idc: ${n % 2 ? 'sz' : 'sh'}, app: nginx, env: test } }`,
  )
  writeFileSync(join(folder, 'hosts.yaml'), `hosts:\n${lines.join('\n')}\n`)
})
afterAll(async () => {
  await server?.remove()
  await sshd?.stop()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

describe('hosts', () => {
  test('a file of fifty hosts is imported, and imported again as an update', async () => {
    const first = await server.om(['hosts', 'import', join(folder, 'hosts.yaml'), '--json'])
    expect(first.json()).toMatchObject({ added: HOSTS, updated: 0 })
    const again = await server.om(['hosts', 'import', join(folder, 'hosts.yaml'), '--json'])
    expect(again.json()).toMatchObject({ added: 0, same: HOSTS })
  })

  test('a file with mistakes imports nothing and names each line', async () => {
    const file = join(folder, 'bad.yaml')
    writeFileSync(
      file,
      'hosts:\n  - { name: a, address: 10.0.0.1 }\n  - { name: a, address: 10.0.0.2 }\n  - { name: b, address: "not an address!" }\n  - { name: c, address: 10.0.0.3, colour: red }\n',
    )
    const result = await server.om(['hosts', 'import', file])
    expect(result.code).toBe(2)
    for (const line of [3, 4, 5]) expect(result.stderr).toContain(`:${line}:`)
    const { items } = (await server.om(['hosts', 'list', '--json'])).json<{
      items: { name: string }[]
    }>()
    expect(items.map((host) => host.name)).not.toContain('b')
  })
})

describe('runs', () => {
  test('uptime on fifty hosts: every host answers, totals reconcile, exit code 0', async () => {
    const result = await server.om(['run', 'system.uptime', '-t', 'app=nginx', '--yes', '--json'])
    expect(result.stderr).toBe('')
    const events = result.events()
    const end = endOf(events)
    expect(end.status).toBe('succeeded')
    expect(end.counts['ok']).toBe(HOSTS)
    const names = events
      .filter((event) => event['type'] === 'host.ended')
      .map((event) => event['host'])
    expect(names.toSorted()).toEqual(
      Array.from({ length: HOSTS }, (_, n) => `web-${n + 1}`).toSorted(),
    )
    expect(result.code).toBe(0)
  })

  test('a host that fails gives exit code 1, and only it is run again', async () => {
    const marker = join(folder, 'fail-once')
    writeFileSync(marker, '')
    // Every address is this machine: only the address the client connected to tells the hosts apart.
    const failing = sshd.address(2)
    const command = `set -- $SSH_CONNECTION; if [ "$3" = ${failing} ] && [ -e ${marker} ]; then echo broken >&2; exit 3; fi; echo fine`
    const result = await server.om([
      'run',
      'shell',
      '-t',
      'app=nginx',
      '-p',
      `command=${command}`,
      '--yes',
      '--json',
    ])
    expect(result.code).toBe(1)
    const end = endOf(result.events())
    expect(end.status).toBe('failed')
    expect(end.counts).toMatchObject({ ok: HOSTS - 1, failed: 1 })
    expect(statesOf(result.events())['web-3']).toBe('failed')
    rmSync(marker)
    const again = await server.om(['runs', 'rerun', end.id, '--failed', '--json'])
    expect(again.code).toBe(0)
    expect(endOf(again.events()).counts['ok']).toBe(1)
    expect(Object.keys(statesOf(again.events()))).toEqual(['web-3'])
  })

  test('one host hangs and times out, one refuses, one never answers: each ends in its own state', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await new Promise((listening) => silent.once('listening', listening))
    const bound = silent.address()
    if (bound === null || typeof bound === 'string') throw new Error('no port')
    for (const [name, port] of [
      ['dead-1', 1],
      ['silent-1', bound.port],
    ] as const) {
      const added = await server.om([
        'hosts',
        'add',
        name,
        '--address',
        '127.0.0.1',
        '--port',
        String(port),
        '--credential',
        'lab',
        '-l',
        'app=odd',
      ])
      expect(added.stderr).toBe('')
    }
    const hang = `set -- $SSH_CONNECTION; if [ "$3" = ${sshd.address(0)} ]; then sleep 300; fi; echo fine`
    const result = await server.om([
      'run',
      'shell',
      '-t',
      'web-1 web-2 dead-1 silent-1',
      '-p',
      `command=${hang}`,
      '--timeout',
      '3s',
      '--json',
    ])
    silent.close()
    expect(statesOf(result.events())).toEqual({
      'web-1': 'timedOut',
      'web-2': 'ok',
      'dead-1': 'unreachable',
      'silent-1': 'unreachable',
    })
    expect(result.code).toBe(1)
  })

  test('an abort ends the remote process', async () => {
    const pidFile = join(folder, 'pid')
    const launched = await server.om([
      'run',
      'shell',
      '-t',
      'web-5',
      '-p',
      `command=echo $$ > ${pidFile}; exec sleep 300`,
      '--timeout',
      '200s',
      '--detach',
      '--json',
    ])
    const { id } = launched.json<{ id: string }>()
    await expect.poll(() => readPid(pidFile), { timeout: 15_000 }).toBeGreaterThan(0)
    const pid = readPid(pidFile)
    expect((await server.om(['runs', 'abort', id])).code).toBe(0)
    const followed = await server.om(['runs', 'follow', id, '--json'])
    expect(endOf(followed.events()).status).toBe('aborted')
    await expect.poll(() => alive(pid), { timeout: 10_000 }).toBe(false)
    expect((await server.om(['runs', 'abort', id])).code).toBe(2)
  })

  test('identical answers are folded on a terminal', async () => {
    const result = await server.om([
      'run',
      'shell',
      '-t',
      'web-[1-20]',
      '-p',
      'command=echo same',
      '--yes',
    ])
    expect(result.code).toBe(0)
    expect(result.stdout.match(/^same$/gm)).toHaveLength(1)
    expect(result.stdout).toContain('20 hosts')
  })

  test('a host that failed without a word is shown with why', async () => {
    const killed = await server.om(['run', 'shell', '-t', 'web-1', '-p', 'command=kill -9 $$'])
    expect(killed.stdout).toMatch(
      /web-1 {2}1 host failed: Command killed by a signal\n {3}ended by signal/,
    )
    const words = ['run', 'shell', '-t', 'web-1', '-p', 'command=id', '--run-as', 'nobodyx']
    const refused = await server.om([...words, '--run-as-method', 'su'])
    expect(refused.stdout).toMatch(/web-1 {2}1 host failed: Run-as refused\n {3}\S/)
    const chinese = await server.om(['run', 'shell', '-t', 'web-1', '-p', 'command=kill -9 $$'], {
      env: { LC_ALL: 'zh_CN.UTF-8' },
    })
    expect(chinese.stdout).toContain('被信号 SIGKILL 终止')
  })

  test('an output that is cut on the screen says so, and names the command that shows all of it', async () => {
    const command = 'command=seq 1 20000'
    const result = await server.om(['run', 'shell', '-t', 'web-1', '-p', command])
    const [, id = ''] =
      /the first 64 KiB of 108,894 bytes; all: .*runs output (\S+) --host web-1/.exec(
        result.stdout,
      ) ?? []
    const whole = await server.om(['runs', 'output', id, '--host', 'web-1'])
    expect(whole.stdout).toHaveLength(108_894)
    const foreign = await server.om(['runs', 'output', id, '--host', 'web-2'])
    expect(foreign.stderr.trim()).toBe('Host web-2 is not one of this run.')
    expect(foreign.code).toBe(2)
    const again = await server.om(['runs', 'rerun', id, '--failed', '--yes'])
    expect(again.stderr).toContain('nothing to run again')
    expect(again.code).toBe(2)
  })

  test('hosts of an aborted run that never started are told from those whose command was killed', async () => {
    const words = ['run', 'shell', '-t', 'web-[1-3]', '-p', 'command=sleep 60']
    const launched = await server.om([...words, '--concurrency', '1', '--detach', '--json'])
    const { id } = launched.json<{ id: string }>()
    await expect
      .poll(async () => (await server.om(['runs', 'show', id, '--json'])).json(), {
        timeout: 15_000,
      })
      .toMatchObject({ counts: { running: 1 } })
    await server.om(['runs', 'abort', id])
    const { stdout } = await server.om(['runs', 'follow', id])
    expect(stdout).toContain('2 hosts aborted, never started')
    expect(stdout).toMatch(/1 host aborted: .*\n {3}ended by signal/)
  })

  test('what a copy changed is said, and in check mode what it would change', async () => {
    const dest = join(folder, 'copied.conf')
    const words = ['run', 'copy', '-t', 'web-1', '-p', 'content=a', '-p', `dest=${dest}`]
    const outputs: string[] = []
    for (const more of [['--check'], [], ['--check'], []]) {
      outputs.push((await server.om([...words, ...more])).stdout)
    }
    const [before = '', first = '', after = '', second = ''] = outputs
    expect(before).toContain('would change: new file')
    expect(first).toContain('1 host ok, exit 0, changed')
    expect(after).toContain('identical')
    expect(second).toContain('1 host ok, exit 0, unchanged')
  })

  test('every group of answers can be seen: the first ones below the run, all of them by its command', async () => {
    await server.om(['demo', '--hosts', '120'])
    const words = [
      'run',
      'shell',
      '-t',
      'demo=yes',
      '-p',
      'command=uptime',
      '--yes',
      '--timeout',
      '20s',
    ]
    const { stdout } = await server.om(words)
    const [, more = '', id = ''] = /(\d+) more groups?: .*runs output (\S+)/.exec(stdout) ?? []
    const groups = (text: string) => text.match(/^── /gm)?.length ?? 0
    const all = await server.om(['runs', 'output', id])
    expect(groups(all.stdout)).toBe(groups(stdout) + Number(more))
    expect(all.stdout).not.toContain('more group')
    // Once a host is ok, the others are too.
    const states = [...all.stdout.matchAll(/^── .* {2}\d+ hosts? (\w+)/gm)].map(
      ([, state]) => state,
    )
    expect(states.slice(states.indexOf('ok')).every((state) => state === 'ok')).toBe(true)
    expect(states[0]).not.toBe('ok')
    expect((await server.om(['demo', '--hosts', '0', '--yes'])).code).toBe(0)
  })

  test('output of one host is read back byte for byte', async () => {
    const result = await server.om([
      'run',
      'shell',
      '-t',
      'web-1',
      '-p',
      "command=printf 'a\\tb 中文\\n'; printf oops >&2",
      '--json',
    ])
    const { id } = endOf(result.events())
    const output = await server.om(['runs', 'output', id, '--host', 'web-1'])
    expect(output.stdout).toBe('a\tb 中文\n')
    expect(output.stderr).toBe('oops')
  })
})

const readPid = (file: string): number => {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return 0
  }
}
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
