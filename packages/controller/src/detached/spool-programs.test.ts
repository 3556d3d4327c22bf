// The texts that run on hosts, in the shells and with the tools that hosts have.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { readStop } from '../stop-program.ts'
import type { Spool } from './spool.ts'
import {
  attachProgram,
  beginProgram,
  cleanProgram,
  endProgram,
  type SpoolPosition,
  spoolBeginning,
} from './spool-programs.ts'

const { uid } = userInfo()
const root = mkdtempSync(join(tmpdir(), 'om-spool-test-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

interface Host {
  readonly name: string
  readonly sh: string
  readonly path: string
}

const has = (command: string): boolean => spawnSync(command, ['--help']).error === undefined

/** A PATH with nothing but busybox in it, and one without setsid. */
const only = (name: string, tools: readonly string[]): string => {
  const folder = join(root, name)
  mkdirSync(folder)
  for (const tool of new Set(['busybox', ...tools])) symlinkSync(BUSYBOX, join(folder, tool))
  return folder
}
const BUSYBOX = '/bin/busybox'
const applets = existsSync(BUSYBOX)
  ? execFileSync(BUSYBOX, ['--list']).toString().split('\n').filter(Boolean)
  : []
const usual = process.env.PATH ?? '/usr/bin:/bin'
const hosts: readonly Host[] = [
  ...(has('dash') ? [{ name: 'dash', sh: 'dash', path: usual }] : []),
  ...(has('bash') ? [{ name: 'bash', sh: 'bash --norc --posix', path: usual }] : []),
  ...(applets.length > 0
    ? [
        { name: 'busybox', sh: 'busybox sh', path: only('busybox', applets) },
        {
          name: 'busybox without setsid',
          sh: 'busybox sh',
          path: only(
            'no-setsid',
            applets.filter((one) => one !== 'setsid'),
          ),
        },
      ]
    : []),
]

let spool: Spool
let folder: string
let n = 0
/** Processes are found by it, those of an earlier run of this test as well. */
const newKey = (): string => randomUUID().replaceAll('-', '')
beforeEach(() => {
  n++
  folder = join(root, `case-${n}`)
  mkdirSync(folder)
  spool = { key: newKey(), spools: folder }
})

const inside = (): string => join(folder, `omserver-${uid}`, spool.key)

const start = (host: Host, text: string): ChildProcess => {
  const [file = '', ...rest] = host.sh.split(' ')
  const program = text.replaceAll('/bin/sh', host.sh)
  return spawn(file, [...rest, '-c', program], {
    env: { PATH: host.path, HOME: root },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}

const run = async (host: Host, text: string, input = ''): Promise<string> => {
  const child = start(host, text)
  let said = ''
  child.stdout?.setEncoding('latin1').on('data', (part: string) => {
    said += part
  })
  child.stderr?.setEncoding('latin1').on('data', (part: string) => {
    said += `!${part}`
  })
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(input)
  await new Promise((done) => child.once('close', done))
  return said
}

const begin = (host: Host, program: string, input?: string, totalBytes?: number): Promise<string> =>
  run(
    host,
    beginProgram(spool, {
      token: 'tok',
      programBytes: program.length,
      totalBytes: totalBytes ?? program.length + (input?.length ?? 0),
      hasInput: input !== undefined,
      terminal: false,
    }),
    program + (input ?? ''),
  )
const attach = (host: Host, from: SpoolPosition = spoolBeginning): Promise<string> =>
  run(host, attachProgram(spool, 'tok', from))
const pidOf = (): number => Number(readFileSync(join(inside(), 'pid'), 'latin1').split(' ')[0])
const until = async (what: string, holds: () => boolean): Promise<void> => {
  for (let tries = 0; !holds(); tries++) {
    expect(tries, what).toBeLessThan(3_000)
    await sleep(10)
  }
}

describe.each(hosts)('$name', (host) => {
  it('a command runs once, with its input, both streams, its exit code, and its own umask', async () => {
    const program = 'umask; cat; echo wrong >&2; echo $OM_X; exit 7'
    expect(await begin(host, `OM_X=5; ${program}`, 'the input\n')).toBe('om-tok ok\n')
    expect(await begin(host, program, 'the input\n')).toBe('om-tok again\n')
    const said = await attach(host)
    expect(said).toContain('om-tok here\nt ')
    expect(said).toContain('the input\n5\n')
    expect(said).toContain('wrong\n')
    expect(said).toMatch(/\nx 7 \d+\.\d+ \d+\.\d+\n$/)
    expect(said).toContain(`${process.umask().toString(8).padStart(4, '0')}\n`)
    expect(await attach(host)).toContain('the input\n5\n')
    expect(existsSync(join(inside(), 'in'))).toBe(false)
    expect(await run(host, cleanProgram(spool, 'tok'))).toBe('om-tok clean\n')
    expect(existsSync(inside())).toBe(false)
  }, 60_000)

  it('begun by several at once, it runs once', async () => {
    const program = `echo x >>${folder}/ran`
    const said = await Promise.all([1, 2, 3, 4].map(() => begin(host, program)))
    expect(said.sort()).toEqual([
      'om-tok again\n',
      'om-tok again\n',
      'om-tok again\n',
      'om-tok ok\n',
    ])
    expect(await attach(host)).toMatch(/x 0 \S+ \S+\n$/)
    expect(readFileSync(join(folder, 'ran'), 'latin1')).toBe('x\n')
  }, 60_000)

  it('a transfer that was cut starts nothing', async () => {
    const file = join(folder, 'ran')
    expect(await begin(host, `: >${file}`, 'half', 100)).toBe('om-tok no cut\n')
    expect(await attach(host)).toBe('om-tok never\n')
    expect(await begin(host, `: >${file}`)).toBe('om-tok again\n')
    expect(await attach(host)).toBe('om-tok never\n')
    expect(existsSync(file)).toBe(false)
  }, 60_000)

  it('more output than is kept: beginning and end are there, the rest is counted', async () => {
    const program = `i=0; while [ $i -lt 3000 ]; do printf '%01000d' $i; i=$((i+1)); done`
    await begin(host, program)
    const said = await attach(host)
    expect(said.slice(-60)).toMatch(/x 0 \S+ \S+\n$/)
    const heads = [...said.matchAll(/(?:^|\n|\d)o (\d+) \d+\n/g)].reduce(
      (sum, [, one]) => sum + Number(one),
      0,
    )
    expect(heads).toBe(512 * 1024)
    expect(said).toMatch(new RegExp(`m ${3_000_000 - 1024 * 1024} \\d+\\nO ${512 * 1024} `))
    expect(said).toContain('2999')
    const size = execFileSync('du', ['-sk', inside()]).toString().split('\t')[0]
    expect(Number(size)).toBeLessThan(1_100)
  }, 120_000)

  it('what the command leaves behind does not hold up its end', async () => {
    await begin(host, 'sleep 300 & echo $!; exit 3')
    const said = await attach(host)
    expect(said).toMatch(/x 3 \S+ \S+\n$/)
    // On a line of its own: how many beats come between it and the end is a matter of time.
    const pid = Number(/^(\d+)$/m.exec(said)?.[1])
    process.kill(pid)
  }, 60_000)

  it('it is ended whole, says its last words, and what had not begun never begins', async () => {
    await begin(host, "trap 'echo last; exit 9' TERM; echo up; sleep 300 & wait; wait")
    await until('up', () => readFileSync(join(inside(), 'out'), 'latin1').includes('up'))
    expect(readStop(await run(host, endProgram(spool)))).toBe('no')
    const said = await attach(host)
    expect(said).toContain('last\n')
    expect(said).toMatch(/x 9 \S+ \S+\n$/)
    spool = { ...spool, key: newKey() }
    expect(readStop(await run(host, endProgram(spool)))).toBe('no')
    expect(await begin(host, 'echo no')).toBe('om-tok again\n')
    expect(await attach(host)).toBe('om-tok never\n')
    await run(host, cleanProgram(spool, 'tok'))
    expect(await begin(host, 'echo no')).toBe('om-tok again\n')
  }, 60_000)

  it('gone without an end: nobody guesses', async () => {
    await begin(host, 'echo $$; exec sleep 300')
    const said = (): string => readFileSync(join(inside(), 'out'), 'latin1')
    await until('up', () => said().endsWith('\n'))
    process.kill(pidOf(), 'SIGKILL')
    expect(await attach(host)).toMatch(/g left\n$/)
    process.kill(Number(said()), 'SIGKILL')
    // What watched over it, and slept, ends by itself.
    await expect.poll(() => attach(host), { timeout: 30_000 }).toMatch(/g none\n$/)
  }, 60_000)
})

describe.skipIf(hosts.length === 0)('the folder', () => {
  const host = hosts[0] ?? { name: '', sh: 'sh', path: usual }

  it('a link in its place is not followed', async () => {
    const elsewhere = join(folder, 'elsewhere')
    mkdirSync(elsewhere)
    symlinkSync(elsewhere, join(folder, `omserver-${uid}`))
    for (const said of [
      await begin(host, 'true'),
      await attach(host),
      await run(host, cleanProgram(spool, 'tok')),
    ]) {
      expect(said).toBe('om-tok no link\n')
    }
    await run(host, endProgram(spool))
    expect(readdirSync(elsewhere)).toEqual([])
  })

  it.skipIf(uid !== 0)('one of another account is refused', async () => {
    const foreign = join(folder, `omserver-${uid}`)
    mkdirSync(foreign)
    execFileSync('chown', ['nobody', foreign])
    expect(await begin(host, 'true')).toBe('om-tok no owner\n')
    expect(await attach(host)).toBe('om-tok no owner\n')
    await run(host, endProgram(spool))
    expect(readdirSync(foreign)).toEqual([])
  })

  it('a file in its place, and a place that is not there', async () => {
    expect(await begin(host, 'true')).toBe('om-tok ok\n')
    spool = { ...spool, spools: join(folder, 'nowhere') }
    expect(await begin(host, 'true')).toBe('om-tok no make\n')
  })

  it('is closed to others again', async () => {
    mkdirSync(join(folder, `omserver-${uid}`))
    chmodSync(join(folder, `omserver-${uid}`), 0o755)
    await begin(host, 'true')
    expect(execFileSync('stat', ['-c', '%a', join(folder, `omserver-${uid}`)]).toString()).toBe(
      '700\n',
    )
  })

  it('old spools go with the next command, those of live ones stay', async () => {
    await begin(host, 'true')
    await attach(host)
    const old = inside()
    const liveKey = newKey()
    spool = { ...spool, key: liveKey }
    await begin(host, 'sleep 300')
    const live = inside()
    const longAgo = new Date(Date.now() - 30 * 86_400_000)
    utimesSync(old, longAgo, longAgo)
    utimesSync(live, longAgo, longAgo)
    spool = { ...spool, key: newKey() }
    await begin(host, 'true')
    expect([existsSync(old), existsSync(live)]).toEqual([false, true])
    spool = { ...spool, key: liveKey }
    expect(readStop(await run(host, endProgram(spool)))).toBe('no')
  }, 60_000)

  it('an attachment ends when its reader has gone', async () => {
    await begin(host, 'sleep 300')
    const child = start(host, attachProgram(spool, 'tok', spoolBeginning))
    await new Promise((done) => child.stdout?.once('data', done))
    const ended = new Promise((done) => child.once('exit', done))
    child.stdout?.destroy()
    child.stderr?.destroy()
    await ended
    expect(readStop(await run(host, endProgram(spool)))).toBe('no')
  }, 60_000)
})
