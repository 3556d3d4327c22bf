// Projects that try to leave their folder are refused; good ones are unpacked once.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createProjectCache, playbookIn } from './project-cache.ts'

/** A tar of entries as no tar program would write them: [name, type, link or content]. */
const archive = (
  entries: readonly (readonly [string, 'file' | 'link' | 'hard' | 'folder', string])[],
): Buffer =>
  execFileSync('/usr/bin/python3', [
    '-c',
    `
import io, json, sys, tarfile
out = io.BytesIO()
with tarfile.open(fileobj=out, mode='w:gz') as tar:
    for name, kind, text in json.loads(sys.argv[1]):
        entry = tarfile.TarInfo(name)
        entry.type = {'file': tarfile.REGTYPE, 'link': tarfile.SYMTYPE, 'hard': tarfile.LNKTYPE, 'folder': tarfile.DIRTYPE}[kind]
        entry.mode = 0o755 if kind == 'folder' else 0o644
        if kind == 'file':
            entry.size = len(text.encode())
            tar.addfile(entry, io.BytesIO(text.encode()))
        else:
            entry.linkname = text
            tar.addfile(entry)
sys.stdout.buffer.write(out.getvalue())`,
    JSON.stringify(entries),
  ])

const open = (given: Buffer) => {
  const folder = mkdtempSync(join(tmpdir(), 'om-cache-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const blob = createHash('sha256').update(given).digest('hex')
  let asked = 0
  const blobs = {
    get: async () => {
      asked++
      return given
    },
  }
  const cache = createProjectCache(join(folder, 'cache'), { blobs, now: Date.now })
  const source = { blob, size: given.length }
  const action = { kind: 'playbook', project: 'p', source, playbook: 'a.yml', vars: {} } as const
  return {
    folder,
    unpack: () => cache.folderOf(action, '/usr/bin/python3'),
    asked: () => asked,
  }
}

test('a project is unpacked once, links within it included', async () => {
  const own = open(
    archive([
      ['a.yml', 'file', 'play'],
      ['roles/web/tasks/main.yml', 'file', 'tasks'],
      ['b.yml', 'link', 'roles/web/../web/tasks/main.yml'],
    ]),
  )
  const folder = await own.unpack()
  expect(readFileSync(join(folder, 'b.yml'), 'utf8')).toBe('tasks')
  expect(await own.unpack()).toBe(folder)
  expect(own.asked()).toBe(1)
  expect(await playbookIn(folder, 'a.yml')).toBe(join(folder, 'a.yml'))
  await expect(playbookIn(folder, '../a.yml')).rejects.toThrow('outside')
  await expect(playbookIn(folder, '/etc/passwd')).rejects.toThrow('outside')
  await expect(playbookIn(folder, 'c.yml')).rejects.toThrow('no playbook')
})

test.each([
  ['a path that goes up', [['../out', 'file', 'x']]],
  ['an absolute path', [['/tmp/om-out', 'file', 'x']]],
  ['a link to an absolute path', [['l', 'link', '/etc']]],
  ['a link that goes up', [['l', 'link', '../..']]],
  [
    'a file through a link',
    [
      ['l', 'link', '../..'],
      ['l/out', 'file', 'x'],
    ],
  ],
  [
    'a link through a link',
    [
      ['d', 'folder', ''],
      ['d/a', 'link', '.'],
      ['d/b', 'link', 'a/../../..'],
    ],
  ],
  ['a hard link', [['l', 'hard', '/etc/passwd']]],
] as const)('%s is refused, and nothing of it stays', async (_what, entries) => {
  const own = open(archive(entries))
  await expect(own.unpack()).rejects.toThrow()
  expect(readdirSync(join(own.folder, 'cache'))).toEqual([])
  expect(readdirSync(own.folder)).toEqual(['cache'])
  expect(existsSync('/tmp/om-out')).toBe(false)
})

test('an archive that is none, or is not what was named, is refused', async () => {
  await expect(open(Buffer.from('no tar')).unpack()).rejects.toThrow('cannot be unpacked')
})
