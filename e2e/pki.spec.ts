// `om pki` and `om nats config` at the terminal: what they print, what they refuse, and in which language.

import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { needs } from '../scripts/needs.ts'
import { runOm } from './support/omserver.ts'

interface Issued {
  readonly folder: string
  readonly state: string
  readonly forServers: readonly { readonly file: string }[]
}

interface Listed {
  readonly organisation: string
  readonly items: readonly {
    readonly name: string
    readonly kind: string
    readonly state: string
  }[]
}

let home: string
let dir: string
const om = (...args: readonly string[]) => runOm(args, { home })
const inChinese = (...args: readonly string[]) =>
  runOm(args, { home, env: { LC_ALL: 'zh_CN.UTF-8' } })

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'om-e2e-pki-'))
  dir = join(home, 'ca')
  const made = await om('pki', 'init', dir, '--name', 'Acme 公司')
  expect([made.code, made.stderr]).toEqual([0, ''])
  for (const args of [
    ['nats', 'nats-1', '--address', 'nats.acme', '--address', '127.0.0.1'],
    ['server', 'web'],
    ['controller', 'c1', '--idc', 'sz'],
  ]) {
    const issued = await om('pki', 'issue', ...args, '--dir', dir)
    expect([issued.code, issued.stderr]).toEqual([0, ''])
  }
})
afterAll(() => {
  if (home) rmSync(home, { recursive: true, force: true })
})

test('issuing says where the bundle is, and what is to be carried to a server', async () => {
  const issued = (
    await om('pki', 'issue', 'client', 'alice', '--idc', '深圳', '--dir', dir, '--json')
  ).json<Issued>()
  expect(issued).toMatchObject({ state: 'valid', folder: join(dir, 'alice') })
  expect(issued.forServers.map(({ file }) => existsSync(file))).toEqual([true])
  expect(statSync(join(issued.folder, 'tls.key')).mode & 0o777).toBe(0o600)
})

test('the list says who is enrolled, until when, and who was revoked', async () => {
  await om('pki', 'issue', 'controller', 'gone', '--idc', 'sz', '--dir', dir, '--days', '5')
  const soon = await inChinese('pki', 'list', dir)
  expect(soon.stdout).toMatch(/gone +controller +sz +即将到期/)
  const revoked = await om('pki', 'revoke', 'gone', '--dir', dir)
  expect(revoked.stdout).toContain('nats-server --signal reload')
  const { organisation, items } = (await om('pki', 'list', dir, '--json')).json<Listed>()
  expect(organisation).toBe('Acme 公司')
  expect(items.filter(({ name }) => ['c1', 'gone'].includes(name))).toMatchObject([
    { name: 'c1', kind: 'controller', state: 'valid' },
    { name: 'gone', kind: 'controller', state: 'revoked' },
  ])
})

test('what is asked wrongly is refused in words, with exit code 2, in both languages, and changes nothing', async () => {
  const before = readFileSync(join(dir, 'register.json'), 'utf8')
  const wrong: readonly (readonly [readonly string[], RegExp, RegExp])[] = [
    [['pki', 'init', dir], /not overwritten/, /不会覆盖/],
    [['pki', 'init', join(home, 'x'), '--ca-cert', 'a'], /go together/, /同时/],
    [['pki', 'issue', 'robot', 'x', '--dir', dir], /server, nats, controller, client/, /类型/],
    [['pki', 'issue', 'controller', 'x', '--dir', dir], /--idc/, /机房/],
    [
      ['pki', 'issue', 'server', 'x', '--idc', 'sz', '--dir', dir],
      /controllers and clients/,
      /只用于/,
    ],
    [['pki', 'issue', 'nats', 'x', '--dir', dir], /--address/, /--address/],
    [['pki', 'issue', 'nats', 'x', '--address', 'a b', '--dir', dir], /a b/, /a b/],
    [['pki', 'issue', 'server', '../x', '--dir', dir], /\.\.\/x/, /名称/],
    [['pki', 'issue', 'server', 'x', '--days', '0', '--dir', dir], /--days/, /--days/],
    [
      ['pki', 'issue', 'server', 'x', '--servers', 'nats://a', '--dir', dir],
      /tls:\/\//,
      /tls:\/\//,
    ],
    [['pki', 'issue', 'server', 'c1', '--dir', dir], /in use/, /已在使用/],
    [['pki', 'issue', 'server', 'ca.key', '--dir', dir], /overwritten/, /不会被覆盖/],
    [['pki', 'renew', 'nobody', '--dir', dir], /nobody/, /nobody/],
    [['pki', 'revoke', 'nobody', '--dir', dir], /nobody/, /nobody/],
    [['pki', 'list', join(home, 'nothing')], /om pki init/, /om pki init/],
    [
      ['pki', 'sign', join(home, 'no.csr'), '--kind', 'server', '--name', 'x', '--dir', dir],
      /--seal-key/,
      /seal\.pub/,
    ],
    [['nats', 'config', dir, '--for', 'new'], /--for/, /--for/],
    [['nats', 'config', dir, '--nats', 'other'], /other/, /other/],
  ]
  for (const [args, english, chinese] of wrong) {
    const [said, inZh] = [await om(...args), await inChinese(...args)]
    expect([args, said.code, said.stdout], said.stderr).toEqual([args, 2, ''])
    expect(said.stderr).toMatch(english)
    expect(inZh.stderr).toMatch(chinese)
    expect(inZh.stderr).toMatch(/\p{Script=Han}/u)
  }
  expect(readFileSync(join(dir, 'register.json'), 'utf8')).toBe(before)
})

test('the configuration is one that the nats-server of this machine takes', async (context) => {
  needs(context, 'nats-server')
  const file = join(home, 'nats.conf')
  const written = await om('nats', 'config', dir, '--out', file, '--json')
  expect(written.json()).toMatchObject({ file, newIdcs: [] })
  const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/usr/local/sbin` }
  const checked = await promisify(execFile)('nats-server', ['-t', '-c', file], { env })
  expect(`${checked.stdout}${checked.stderr}`).toContain('is valid')

  await om('pki', 'issue', 'controller', 'g1', '--idc', 'gz', '--dir', dir)
  expect((await om('nats', 'config', dir, '--out', file)).stdout).toMatch(/New IDCs: gz\..* twice/)
  expect((await om('nats', 'config', dir, '--for', '2.10')).stdout).toContain(
    'sync_interval: always',
  )
  expect((await om('nats', 'config', dir, '--for', '2.9.10')).stdout).not.toContain('sync_interval')
})

test('a register that cannot be read is left as it is', async () => {
  const broken = join(home, 'broken')
  await om('pki', 'init', broken)
  writeFileSync(join(broken, 'register.json'), '{"version": 9}')
  const said = await om('pki', 'issue', 'nats', 'n', '--address', 'a', '--dir', broken)
  expect(said.code).toBe(2)
  expect(readFileSync(join(broken, 'register.json'), 'utf8')).toBe('{"version": 9}')
})
