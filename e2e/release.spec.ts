// The archive of `npm run dist` on a server with no network, no Node and a folder it may not write to.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingTools } from '../scripts/needs.ts'
import { PASSWORD } from './support/omserver.ts'

const repository = resolve(import.meta.dirname, '..')
const run = promisify(execFile)

const missing = missingTools(['unshare', 'ip'])
const reason =
  missing.length > 0
    ? `this machine has no ${missing.join(', ')}`
    : process.getuid?.() === 0
      ? undefined
      : 'a network namespace needs root'

/** Nobody: owns nothing of what was unpacked. */
const NOBODY = 65_534
const asNobody = [
  'setpriv',
  `--reuid=${NOBODY}`,
  `--regid=${NOBODY}`,
  '--clear-groups',
  'env',
  '-i',
]

let folder: string
let release: string
let server: ChildProcess
let printed = ''

const own = (...parts: string[]): string => join(release, ...parts)

/** Runs a program beside the server: in its namespace, as its user, with an environment as bare as its own. */
const inside = async (command: string, args: readonly string[], input = ''): Promise<string> => {
  const home = `HOME=${join(folder, 'home')}`
  const child = run(
    'nsenter',
    [`--target=${server.pid}`, '--net', ...asNobody, home, command, ...args],
    { timeout: 60_000 },
  )
  child.child.stdin?.end(input)
  return (await child).stdout
}

/** The module that README.md shows, as printed. */
const readmeModule = (): string => {
  const block = /```ts\n(.*?)```/s.exec(readFileSync(join(repository, 'README.md'), 'utf8'))
  if (!block?.[1]) throw new Error('README.md shows no module')
  return block[1]
}

const unpacked = async (): Promise<string> => {
  await run('sh', [join(repository, 'scripts/dist.sh')], { cwd: repository, timeout: 170_000 })
  const dist = join(repository, 'dist')
  const archive = readdirSync(dist).find((name) => name.endsWith('.tar.gz'))
  if (!archive) throw new Error('npm run dist left no archive')
  const place = join(folder, 'opt 发布')
  mkdirSync(place)
  await run('tar', ['-xzf', join(dist, archive), '-C', place])
  return join(place, archive.replace('.tar.gz', ''))
}

beforeAll(async () => {
  if (reason) return
  folder = mkdtempSync(join(tmpdir(), 'om-release-'))
  chmodSync(folder, 0o755)
  release = await unpacked()
  for (const name of ['home', 'data', 'modules']) {
    mkdirSync(join(folder, name))
    chownSync(join(folder, name), NOBODY, NOBODY)
  }
  writeFileSync(join(folder, 'modules', 'acme.ts'), readmeModule())
  const variables = [
    `HOME=${join(folder, 'home')}`,
    `OM_ADMIN_PASSWORD=${PASSWORD}`,
    `OM_MODULES=${join(folder, 'modules')}`,
  ]
  const up = [own('bin', 'om'), 'up', '--data', join(folder, 'data')]
  server = spawn(
    'unshare',
    ['--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...asNobody, ...variables, ...up],
    { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' },
  )
  await new Promise<void>((ready, fail) => {
    const read = (text: string) => {
      printed += text
      if (printed.includes('Ctrl-C')) ready()
    }
    server.stdout?.setEncoding('utf8').on('data', read)
    server.stderr?.setEncoding('utf8').on('data', read)
    server.once('exit', () => fail(new Error(`The release does not start:\n${printed}`)))
  })
})

afterAll(async () => {
  if (server && server.exitCode === null && server.signalCode === null) {
    const ended = once(server, 'exit')
    server.kill()
    await ended
  }
  if (folder) rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(reason !== undefined)(`a release${reason ? ` (${reason})` : ''}`, () => {
  test('runs on its own Node, as any user, and names its own launcher', () => {
    expect(readlinkSync(`/proc/${server.pid}/exe`)).toBe(own('runtime', 'node'))
    expect(printed).toContain(`${own('bin', 'om')} login http://127.0.0.1:8640`)
    expect(readdirSync(release)).not.toContain('.cache')
  })

  test('its launcher needs nothing on PATH, and may be called through a link', async () => {
    const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'))
    const link = join(folder, 'om')
    await run('ln', ['-s', own('bin', 'om'), link])
    const { stdout } = await run(link, ['--version'], { env: { PATH: '' } })
    expect(stdout.trim()).toBe(version)
  })

  test('says of every package in it what it is and under which licence', () => {
    const { components } = JSON.parse(readFileSync(own('sbom.cdx.json'), 'utf8')) as {
      components: { name: string; version: string; licenses: unknown[] }[]
    }
    const listed = new Set(
      components
        .filter(({ licenses }) => licenses.length > 0)
        .map(({ name, version }) => `${name}@${version}`),
    )
    const packages = readdirSync(own('node_modules'), { recursive: true, encoding: 'utf8' })
      .filter((file) => /(^|node_modules\/)(@[^/]+\/)?[^/@]+\/package\.json$/.test(file))
      .map((file) => JSON.parse(readFileSync(own('node_modules', file), 'utf8')))
      .filter(({ name, version }) => name && version)
      .map(({ name, version }) => `${name}@${version}`)
    expect(packages.length).toBeGreaterThan(100)
    expect(packages.filter((one) => !listed.has(one))).toEqual([])
  })

  test('signs in and runs a module on localhost', async () => {
    const om = own('bin', 'om')
    const login = ['login', 'http://127.0.0.1:8640', '--user', 'admin', '--password-stdin']
    await inside(om, login, PASSWORD)
    const events = await inside(om, ['run', 'system.uptime', '-t', 'localhost', '--json'])
    expect(JSON.parse(events.trim().split('\n').at(-1) ?? '')).toMatchObject({
      type: 'run.ended',
      status: 'succeeded',
      counts: { ok: 1 },
    })
  })

  test('loads the module that the README shows', async () => {
    const shown = await inside(own('bin', 'om'), ['modules', 'show', 'acme.restart', '--json'])
    expect(JSON.parse(shown)).toMatchObject({
      title: { zh: '重启网关', en: 'Restart the gateway' },
    })
  })

  test('serves the page and what the page loads', async () => {
    const script = `
      const address = 'http://127.0.0.1:8640'
      const page = await (await fetch(address)).text()
      const first = /src="(\\/assets\\/[^"]+\\.js)"/.exec(page)[1]
      const answer = await fetch(address + first)
      console.log(answer.status, (await answer.text()).length > 1000)`
    const args = ['--input-type=module', '-e', script]
    expect((await inside(own('runtime', 'node'), args)).trim()).toBe('200 true')
  })
})
