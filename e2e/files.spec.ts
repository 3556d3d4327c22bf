// The file library from end to end: uploaded by command, copied to hosts over a real sshd, collected again as one archive.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { missingTools, needs } from '../scripts/needs.ts'
import { type OmServer, startOmServer } from './support/omserver.ts'
import { makeSmallDisk, smallDiskMissing } from './support/small-disk.ts'
import { type Sshd, startSshd } from './support/sshd.ts'

const LARGE_BYTES = 24_000_000
let server: OmServer
let sshd: Sshd
let folder: string

beforeEach((context) => needs(context, 'sshd'))
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'om-e2e-files-'))
  if (missingTools(['sshd']).length > 0) return
  sshd = await startSshd()
  server = await startOmServer()
  const key = join(folder, 'key')
  writeFileSync(key, sshd.key.privateKey, { mode: 0o600 })
  await om('credentials', 'add', 'lab', '--type', 'ssh-key', '--user', sshd.user, '--file', key)
  const hosts = ['a', 'b'].map(
    (name, n) =>
      `  - { name: h-${name}, address: ${sshd.address(n)}, port: ${sshd.port}, credential: lab, labels: { app: ${name} } }`,
  )
  const file = join(folder, 'hosts.yaml')
  writeFileSync(file, `hosts:\n${hosts.join('\n')}\n`)
  await om('hosts', 'import', file)
  writeFileSync(join(folder, 'large'), large)
})
afterAll(async () => {
  await server?.remove()
  await sshd?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const om = async (...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await server.om(args)
  expect([args, code, stderr]).toEqual([args, 0, stderr])
  return stdout
}

const large = Buffer.alloc(LARGE_BYTES)
for (let at = 0; at + 4 <= LARGE_BYTES; at += 4) large.writeUInt32LE((at * 2_654_435_761) >>> 0, at)

test('a large file of the library reaches a host once, and the second time it is left alone', async () => {
  const put = JSON.parse(await om('files', 'put', join(folder, 'large'), '--json'))
  expect(put).toMatchObject({ name: 'large', version: 1, size: LARGE_BYTES })
  expect(put.hash).toBe(createHash('sha256').update(large).digest('hex'))
  const dest = join(folder, 'copied')
  const copy = ['run', 'copy', '-p', 'src=large', '-p', `dest=${dest}`, '-p', 'mode=0640']
  expect(await om(...copy, '-t', 'h-a')).toContain('changed 1')
  expect(readFileSync(dest).equals(large)).toBe(true)
  expect(await om(...copy, '-t', 'h-a')).toContain('unchanged')
})

test('a template is filled in for each host, and a check shows the difference first', async () => {
  const file = join(folder, 'app.conf')
  writeFileSync(file, 'name={{host.name}}\napp={{host.labels.app}}\n')
  await om('files', 'put', file)
  const dest = join(folder, 'app.out')
  writeFileSync(dest, 'name=h-a\napp=old\n')
  const copy = ['run', 'copy', '-p', 'src=app.conf', '-p', 'template=true', '-p', `dest=${dest}`]
  const told = await om(...copy, '-t', 'h-a', '--check')
  expect(told).toContain('-app=old')
  expect(told).toContain('+app=a')
  expect(readFileSync(dest, 'utf8')).toBe('name=h-a\napp=old\n')
  await om(...copy, '-t', 'h-b')
  expect(readFileSync(dest, 'utf8')).toBe('name=h-b\napp=b\n')
  const nowhere = await server.om([...copy, '-t', 'localhost'])
  expect([nowhere.code, nowhere.stdout + nowhere.stderr]).toEqual([
    1,
    expect.stringContaining('host.labels.app'),
  ])
})

test('a folder is unpacked in place', async () => {
  const from = join(folder, 'site')
  mkdirSync(join(from, 'css'), { recursive: true })
  writeFileSync(join(from, 'css', 'a.css'), 'a{}')
  await om('files', 'put', from)
  const dest = join(folder, 'www')
  expect(await om('run', 'copy', '-p', 'src=site', '-p', `dest=${dest}`, '-t', 'h-a')).toContain(
    'changed 1',
  )
  expect(readFileSync(join(dest, 'css', 'a.css'), 'utf8')).toBe('a{}')
})

test('a file is collected from every host, and all of them are one archive', async () => {
  const path = join(folder, 'large')
  const lines = await om(
    'run',
    'fetch',
    '-p',
    `path=${path}`,
    '-p',
    'maxMegabytes=30',
    '-t',
    'h-a h-b',
    '--json',
  )
  const { id } = JSON.parse(lines.trim().split('\n').at(-1) ?? '')
  const { items } = JSON.parse(await om('runs', 'files', id, '--json'))
  const hash = createHash('sha256').update(large).digest('hex')
  expect(items).toMatchObject([
    { host: 'h-a', path, size: LARGE_BYTES, hash },
    { host: 'h-b', path, size: LARGE_BYTES, hash },
  ])
  const archive = join(folder, 'all.tar.gz')
  await om('runs', 'files', id, '-o', archive)
  const out = join(folder, 'unpacked')
  mkdirSync(out)
  execFileSync('tar', ['-xzf', archive, '-C', out])
  for (const host of ['h-a', 'h-b']) {
    expect(readFileSync(join(out, host, path)).equals(large)).toBe(true)
  }
  const tooLarge = await server.om(['run', 'fetch', '-p', `path=${path}`, '-t', 'h-a'])
  expect([tooLarge.code, tooLarge.stdout]).toEqual([1, expect.stringContaining('10000000')])
})

test('a disk that is full keeps its old file, and nothing beside it', async ({ skip }) => {
  const missing = smallDiskMissing()
  skip(missing !== undefined, missing)
  const disk = makeSmallDisk(4)
  try {
    const dest = join(disk.folder, 'app')
    writeFileSync(dest, 'old')
    const copy = ['run', 'copy', '-p', 'src=large', '-p', `dest=${dest}`, '-t', 'h-a']
    const full = await server.om(copy)
    expect([full.code, full.stdout]).toEqual([
      1,
      expect.stringMatching(/no space is left|空间不足/),
    ])
    expect(readFileSync(dest, 'utf8')).toBe('old')
    expect(execFileSync('ls', ['-A', disk.folder], { encoding: 'utf8' })).not.toContain('.om-copy')
    expect(existsSync(dest)).toBe(true)
  } finally {
    disk.remove()
  }
})
