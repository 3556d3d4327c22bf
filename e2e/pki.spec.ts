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
    const issued = await om('pki', 'issue', dir, ...args)
    expect([issued.code, issued.stderr]).toEqual([0, ''])
  }
})
afterAll(() => {
  if (home) rmSync(home, { recursive: true, force: true })
})

test('issuing says where the bundle is, and what is to be carried to a server', async () => {
  const issued = (
    await om('pki', 'issue', dir, 'client', 'alice', '--idc', '深圳', '--json')
  ).json<Issued>()
  expect(issued).toMatchObject({ state: 'valid', folder: join(dir, 'alice') })
  expect(issued.forServers.map(({ file }) => existsSync(file))).toEqual([true])
  expect(statSync(join(issued.folder, 'tls.key')).mode & 0o777).toBe(0o600)
})

test('the list says who is enrolled, until when, and who was revoked', async () => {
  await om('pki', 'issue', dir, 'controller', 'gone', '--idc', 'sz', '--days', '5')
  const soon = await inChinese('pki', 'list', dir)
  expect(soon.stdout).toMatch(/gone +controller +sz +即将到期/)
  const revoked = await om('pki', 'revoke', dir, 'gone')
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
    [['pki', 'issue', dir, 'robot', 'x'], /server, nats, controller, client/, /类型/],
    [['pki', 'issue', dir, 'controller', 'x'], /--idc/, /机房/],
    [['pki', 'issue', dir, 'server', 'x', '--idc', 'sz'], /controllers, clients/, /只用于/],
    [['nats', 'config', dir, '--port', '0'], /--port/, /--port/],
    [['pki', 'issue', dir, 'nats', 'x', '--address', 'a b'], /a b/, /a b/],
    [['pki', 'issue', dir, 'server', '../x'], /\.\.\/x/, /名称/],
    [['pki', 'issue', dir, 'server', 'x', '--days', '0'], /--days/, /--days/],
    [['pki', 'issue', dir, 'server', 'x', '--servers', 'nats://a'], /tls:\/\//, /tls:\/\//],
    [['pki', 'issue', dir, 'server', 'c1'], /in use/, /已在使用/],
    [['pki', 'issue', dir, 'server', 'ca.key'], /overwritten/, /不会被覆盖/],
    [['pki', 'renew', dir, 'nobody'], /nobody/, /nobody/],
    [['pki', 'revoke', dir, 'nobody'], /nobody/, /nobody/],
    [['pki', 'list', join(home, 'nothing')], /om pki init/, /om pki init/],
    [
      ['pki', 'sign', dir, join(home, 'no.csr'), '--kind', 'server', '--name', 'x'],
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

  await om('pki', 'issue', dir, 'controller', 'g1', '--idc', 'gz')
  expect((await om('nats', 'config', dir, '--out', file)).stdout).toMatch(/New IDCs: gz\..* twice/)
  expect((await om('nats', 'config', dir, '--for', '2.10')).stdout).toContain(
    'sync_interval: always',
  )
  expect((await om('nats', 'config', dir, '--for', '2.9.10')).stdout).not.toContain('sync_interval')
})

test('a configuration needs nothing but a CA and the names of IDCs, and works as it stands', async (context) => {
  needs(context, 'nats-server')
  const ca = join(home, 'bare')
  await om('pki', 'init', ca)
  await om('pki', 'issue', ca, 'server', 'web')
  const store = join(home, 'store')
  const wanted = ['--idc', 'sz', '--idc', '深圳', '--port', '4333', '--store', store]
  const printed = await om('nats', 'config', ca, ...wanted)
  expect(printed.code).toBe(0)
  expect(printed.stderr).toMatch(/certificate nats .*127\.0\.0\.1/)
  expect(printed.stdout).toContain('listen: "0.0.0.0:4333"')
  expect(printed.stdout).toContain('om://om/server/sz/web/1')
  expect(existsSync(join(ca, 'web', 'idcs', 'sz.crt'))).toBe(true)
  // Said once; the register keeps them.
  const again = await om('nats', 'config', ca, '--port', '4333', '--store', store)
  expect([again.stdout, again.stderr]).toEqual([printed.stdout, ''])
  const file = join(home, 'bare.conf')
  writeFileSync(file, printed.stdout)
  const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/usr/local/sbin` }
  const checked = await promisify(execFile)('nats-server', ['-t', '-c', file], { env })
  expect(`${checked.stdout}${checked.stderr}`).toContain('is valid')
})

test('a process that starts from the folder of the CA finds its own identity there, or is told which to issue', async () => {
  const refused = async (...args: readonly string[]) => {
    const said = await om(...args, '--nats', 'tls://127.0.0.1:1')
    expect([said.code, said.stdout]).toEqual([2, ''])
    return said.stderr
  }
  expect(await refused('controller', '--idc', 'bj', '--name', 'b1', '--pki', dir)).toContain(
    `om pki issue ${dir} controller b1 --idc bj`,
  )
  expect(await refused('controller', '--idc', 'bj', '--pki', join(dir, 'c1'))).toContain('c1')
  await om('pki', 'issue', dir, 'server', 'web-2')
  expect(await refused('server', '--pki', dir)).toContain(join(dir, 'web-2'))
  const lost = await om('server', '--pki', join(dir, 'nats-1'), '--nats', 'tls://127.0.0.1:1')
  expect([lost.code, lost.stderr]).toEqual([2, expect.stringContaining('identity.json')])
})

test('ten administrators at once lose nothing of each other', async () => {
  const ca = join(home, 'busy')
  await om('pki', 'init', ca)
  const names = Array.from({ length: 10 }, (_, n) => `c${n}`)
  const issued = await Promise.all(
    names.map((name) => om('pki', 'issue', ca, 'controller', name, '--idc', 'sz')),
  )
  expect(issued.map(({ code, stderr }) => [code, stderr])).toEqual(names.map(() => [0, '']))
  const { items } = (await om('pki', 'list', ca, '--json')).json<Listed>()
  expect(items.map(({ name }) => name).toSorted()).toEqual(names)
}, 120_000)

test('a register that cannot be read is left as it is', async () => {
  const broken = join(home, 'broken')
  await om('pki', 'init', broken)
  writeFileSync(join(broken, 'register.json'), '{"version": 9}')
  const said = await om('pki', 'issue', broken, 'nats', 'n', '--address', 'a')
  expect(said.code).toBe(2)
  expect(readFileSync(join(broken, 'register.json'), 'utf8')).toBe('{"version": 9}')
})
