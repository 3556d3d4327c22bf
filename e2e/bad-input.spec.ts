// Wrong input on the command line: the culprit is named, in the reader's language, and nothing is changed by it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiError, hostRoutes } from '@omserver/api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OmServer, startOmServer } from './support/omserver.ts'

let server: OmServer
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'om-e2e-bad-'))
  server = await startOmServer()
  expect((await server.om(['demo', '--hosts', '60'])).code).toBe(0)
})
afterAll(async () => {
  await server?.remove()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

const chinese = { env: { LANG: 'zh_CN.UTF-8', LC_ALL: 'zh_CN.UTF-8' } }
const names = async (what: 'hosts' | 'runs'): Promise<readonly unknown[]> => {
  const list = await server.om([what, 'list', '--json'])
  return list.json<{ items: { id: string }[] }>().items.map(({ id }) => id)
}

describe('a hosts file', () => {
  test.each([
    [
      'a name that stands there twice',
      'hosts.yaml',
      'hosts:\n  - { name: a, address: 10.0.0.1 }\n  - { name: a, address: 10.0.0.2 }\n',
      [':3:', 'a', 'line 2'],
      ['重复', '第 2 行'],
    ],
    [
      'an address that is none',
      'hosts.csv',
      'name,address\na,10.0.0.1\nb,10.0.0.999/x\n',
      [':3:', '10.0.0.999/x'],
      ['10.0.0.999/x', '不是有效的'],
    ],
    [
      'a column that nobody knows',
      'hosts.csv',
      'name,address,colour\na,10.0.0.1,red\n',
      [':1:', 'colour', 'label:colour'],
      ['colour', '不认识的列'],
    ],
    [
      'a port beyond all ports',
      'hosts.yaml',
      'hosts:\n  - { name: a, address: 10.0.0.1, port: 70000 }\n',
      [':2:', '70000'],
      ['70000', '1–65535'],
    ],
    ['no YAML at all', 'hosts.yaml', 'hosts:\n  - { name: a\n', [':'], ['语法有误']],
    [
      'a credential that is not there',
      'hosts.yaml',
      'hosts:\n  - { name: a, address: 10.0.0.1, credential: nobody }\n',
      ['nobody'],
      ['nobody', '凭据'],
    ],
  ])('with %s is refused with its lines; nothing is imported', async (_, name, text, en, zh) => {
    const before = await names('hosts')
    const file = join(folder, name)
    writeFileSync(file, text)
    const result = await server.om(['hosts', 'import', file])
    for (const part of en) expect(result.stderr).toContain(part)
    expect(result.code).toBe(2)
    const inChinese = await server.om(['hosts', 'import', file], chinese)
    for (const part of zh) expect(inChinese.stderr).toContain(part)
    expect(await names('hosts')).toEqual(before)
  })

  test('that is not there, or not text, is named', async () => {
    const none = join(folder, 'none.yaml')
    const missing = await server.om(['hosts', 'import', none])
    expect(missing.stderr).toContain(none)
    expect(missing.code).toBe(2)
    const binary = join(folder, 'binary.yaml')
    writeFileSync(binary, Buffer.from(Array.from({ length: 512 }, (_, n) => n % 256)))
    const refused = await server.om(['hosts', 'import', binary])
    expect(refused.stderr.trim()).not.toBe('')
    expect(refused.stderr).not.toMatch(/\n +at /)
    expect(refused.code).toBe(2)
  })
})

describe('a run', () => {
  const uptime = ['run', 'system.uptime', '-t']
  test.each([
    ['an unknown module', ['run', 'no.such', '-t', '*'], 'no.such', '没有这个任务模块'],
    [
      'a number that is none',
      ['run', 'system.log', '-t', 'demo=yes', '-p', 'lines="many"'],
      'lines',
      'lines',
    ],
    [
      'a choice that is none',
      ['run', 'script', '-t', 'localhost', '-p', 'content=x', '-p', 'interpreter=cobol'],
      'interpreter',
      'interpreter',
    ],
    ['a selector that matches nothing', [...uptime, 'app=nosuch'], 'app=nosuch', '没有主机符合'],
    ['a selector that does not parse', [...uptime, 'idc=sz web-['], 'web-[', '操作对象无法解析'],
    ['a name among labels', [...uptime, 'demo=yes,localhost'], 'offset 9', '不能写在同一项'],
    ['a range beyond all fleets', [...uptime, 'r-[1-1000000]'], '100000 names', '过大'],
    ['a timeout beyond a day', [...uptime, '*', '--timeout', '2d'], '--timeout takes', '--timeout'],
    [
      'a mode that is none',
      [
        'run',
        'copy',
        '-t',
        'localhost',
        '-p',
        'content=x',
        '-p',
        'dest=/x',
        '-p',
        'mode=rw-r--r--',
      ],
      'three or four octal digits',
      '三或四位八进制',
    ],
    [
      'a path that is none',
      ['run', 'copy', '-t', 'localhost', '-p', 'content=x', '-p', 'dest=etc/x'],
      'an absolute path',
      '绝对路径',
    ],
    [
      'a service that is none',
      ['run', 'service.status', '-t', 'localhost', '-p', 'service=-x'],
      'letters, digits',
      '字母、数字',
    ],
    ['a group that is not there', [...uptime, '@nobody'], 'nobody', '动态分组'],
    ['hosts that are not there', [...uptime, 'localhost web-998'], 'web-998', '没有这些主机'],
    ['a batch that is none', [...uptime, 'demo=yes', '--batch', '1,half'], 'half', '分批'],
    ['a timeout that is none', [...uptime, 'demo=yes', '--timeout', 'soon'], 'soon', '时长'],
    ['more hosts than run unasked', [...uptime, 'demo=yes'], '60', '60'],
    [
      'a dangerous module unasked',
      ['run', 'process.kill', '-t', 'localhost', '-p', 'name=nosuchprocess'],
      '1 host',
      '1 台主机',
    ],
  ])('of %s: exit code 2, the culprit, nothing runs', async (_, words, en, zh) => {
    const before = await names('runs')
    const result = await server.om(words)
    expect(result.stderr).toContain(en)
    expect(result.stdout).toBe('')
    expect(result.code).toBe(2)
    const inChinese = await server.om(words, chinese)
    expect(inChinese.stderr).toContain(zh)
    expect(inChinese.code).toBe(2)
    expect(await names('runs')).toEqual(before)
  })
})

test('what the server refuses is in words too, in both languages', async () => {
  const client = await server.client()
  const refused = await client
    .call(hostRoutes.add, { body: { name: 'x', address: '10.0.0.1', port: 99_999 } })
    .catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'INPUT_INVALID' })
  const { text } = refused as ApiError
  expect(text.en).toContain('body.port: This must be ≤ 65535.')
  expect(text.zh).toContain('应 ≤ 65535')
})

test('an import that is only tried shows its rows, and what it leaves out', async () => {
  const file = join(folder, 'inventory.ini')
  writeFileSync(file, '[web]\nfresh-1 ansible_host=10.9.9.1 ansible_user=ops\n')
  const before = await names('hosts')
  const tried = await server.om(['hosts', 'import', file, '--dry-run'])
  expect(tried.stdout).toMatch(/add +fresh-1 +10\.9\.9\.1 +group\.web=yes/)
  expect(tried.stdout).toContain('Would add 1, update 0')
  expect(tried.stderr).toMatch(/ansible_user[\s\S]*credential/)
  expect(tried.code).toBe(0)
  expect(await names('hosts')).toEqual(before)
})
