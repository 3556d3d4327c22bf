// Copies of what the file library holds: content that is read while it is sent, folders, templates, comparisons.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { hash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { CopyAction } from '@omserver/core'
import type { BlobSource } from '@omserver/engine'
import { type ConformanceCase, carry, type DriverHarness, folderOf } from './case-kit.ts'

const CHUNK = 100_000

/** Content that the harness's blobs have; `reads` says from where it was read, and how often. */
const provided = async (harness: DriverHarness, bytes: Buffer) => {
  const reads: number[] = []
  const trouble = { after: Number.POSITIVE_INFINITY }
  const source: BlobSource = {
    hash: hash('sha256', bytes, 'hex'),
    size: bytes.length,
    async *read(from) {
      reads.push(from)
      for (let at = from; at < bytes.length; at += CHUNK) {
        if (at >= trouble.after) throw new Error('the disk has a bad day')
        yield bytes.subarray(at, at + CHUNK)
      }
    },
  }
  await harness.blobs?.provide(source)
  return { source, reads, trouble }
}

const copyOf = (
  { hash: blob, size }: BlobSource,
  dest: string,
  more: Partial<CopyAction> & { readonly folder?: true } = {},
): CopyAction => {
  const { folder, ...rest } = more
  const content = { version: 1, blob, size, ...(folder ? { folder } : {}) }
  return { kind: 'copy', source: { file: 'f', version: 1, content }, dest, ...rest }
}

const large = (): Buffer => {
  const bytes = Buffer.alloc(3_000_001)
  for (let at = 0; at + 4 <= bytes.length; at += 4)
    bytes.writeUInt32LE((at * 2_654_435_761) % 2 ** 32, at)
  return bytes
}

const archiveOf = (folder: string): Buffer =>
  execFileSync('tar', ['-cf', '-', '-C', folder, '.'], { maxBuffer: 64 * 1024 * 1024 })

export const fedCopyCases: readonly ConformanceCase[] = [
  {
    name: 'large content arrives byte by byte, and is not even read for a host that has it',
    needs: 'blobs',
    run: async (harness) => {
      const folder = folderOf(harness)
      const file = join(folder, `it's "large"`)
      const bytes = large()
      const { source, reads } = await provided(harness, bytes)
      const first = await carry(harness, copyOf(source, file, { mode: '0640' }))
      assert.deepEqual([first.end.state, first.end.changed], ['ok', true])
      assert.ok(bytes.equals(readFileSync(file)))
      assert.equal(first.stdout.toString(), '')
      assert.equal((statSync(file).mode & 0o7777).toString(8), '640')
      assert.deepEqual(reads, [0])
      const second = await carry(harness, copyOf(source, file))
      assert.deepEqual([second.end.state, second.end.changed], ['ok', false])
      assert.deepEqual(reads, [0])
      assert.deepEqual(readdirSync(folder).length, 1)
    },
  },
  {
    name: 'a transfer that was cut off leaves the old file, and the next one goes on where it ended',
    needs: 'blobs',
    run: async (harness) => {
      const folder = folderOf(harness)
      const file = join(folder, 'app.bin')
      writeFileSync(file, 'old')
      const bytes = large()
      const { source, reads, trouble } = await provided(harness, bytes)
      trouble.after = 1_500_000
      const cut = await carry(harness, copyOf(source, file))
      assert.deepEqual([cut.end.state, cut.end.reason], ['failed', 'copyFailed'])
      assert.match(cut.end.message ?? '', /could not be read: the disk has a bad day/)
      assert.equal(readFileSync(file, 'utf8'), 'old')
      trouble.after = Number.POSITIVE_INFINITY
      const { end } = await carry(harness, copyOf(source, file))
      assert.deepEqual([end.state, end.changed], ['ok', true])
      assert.ok(bytes.equals(readFileSync(file)))
      const [, from = 0] = reads
      assert.ok(from > 1_000_000 && from < 1_500_000 + CHUNK, `went on from ${from}`)
      assert.deepEqual(readdirSync(folder), ['app.bin'])
    },
  },
  {
    name: 'what lies there as the beginning of something else is found out, and nothing is replaced',
    needs: 'blobs',
    run: async (harness) => {
      const folder = folderOf(harness)
      const file = join(folder, 'app.bin')
      const { source } = await provided(harness, large())
      writeFileSync(join(folder, `.om-copy.${source.hash.slice(0, 16)}.4194304`), 'not this')
      const damaged = await carry(harness, copyOf(source, file))
      assert.match(damaged.end.message ?? '', /arrived damaged/)
      assert.deepEqual(readdirSync(folder), [])
      const { end } = await carry(harness, copyOf(source, file))
      assert.equal(end.state, 'ok')
    },
  },
  {
    name: 'a folder is put in place file by file; what was there besides stays',
    needs: 'blobs',
    run: async (harness) => {
      const base = folderOf(harness)
      const from = join(base, 'from')
      mkdirSync(join(from, 'conf.d'), { recursive: true })
      writeFileSync(join(from, 'conf.d', 'a b.conf'), 'a')
      writeFileSync(join(from, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 })
      symlinkSync('run.sh', join(from, 'start'))
      const { source } = await provided(harness, archiveOf(from))
      const dest = join(base, 'dest')
      const action = copyOf(source, dest, { folder: true, backup: true })
      const first = await carry(harness, action)
      assert.deepEqual([first.end.state, first.end.changed], ['ok', true], first.end.message)
      assert.equal(readFileSync(join(dest, 'conf.d', 'a b.conf'), 'utf8'), 'a')
      assert.equal((statSync(join(dest, 'run.sh')).mode & 0o777).toString(8), '755')
      assert.equal(readlinkSync(join(dest, 'start')), 'run.sh')
      const second = await carry(harness, action)
      assert.deepEqual([second.end.state, second.end.changed], ['ok', false], second.end.message)
      writeFileSync(join(dest, 'own'), 'stays')
      writeFileSync(join(dest, 'conf.d', 'a b.conf'), 'changed here')
      const third = await carry(harness, action)
      assert.deepEqual([third.end.state, third.end.changed], ['ok', true], third.end.message)
      assert.equal(readFileSync(join(dest, 'own'), 'utf8'), 'stays')
      assert.equal(readFileSync(join(dest, 'conf.d', 'a b.conf'), 'utf8'), 'a')
      const kept = readdirSync(join(dest, 'conf.d')).find((name) => name.endsWith('~')) ?? ''
      assert.equal(readFileSync(join(dest, 'conf.d', kept), 'utf8'), 'changed here')
      assert.deepEqual(readdirSync(dest).sort(), ['conf.d', 'own', 'run.sh', 'start'])
      writeFileSync(join(base, 'file'), '')
      const onFile = await carry(harness, copyOf(source, join(base, 'file'), { folder: true }))
      assert.match(onFile.end.message ?? '', /is not a folder/)
    },
  },
  {
    name: 'an archive that is cut off is not unpacked into what is there',
    needs: 'blobs',
    run: async (harness) => {
      const base = folderOf(harness)
      const from = join(base, 'from')
      mkdirSync(from)
      writeFileSync(join(from, 'a'), large())
      writeFileSync(join(from, 'b'), 'b')
      const { source, trouble } = await provided(harness, archiveOf(from))
      trouble.after = 1_000_000
      const dest = join(base, 'dest')
      mkdirSync(dest)
      const { end } = await carry(harness, copyOf(source, dest, { folder: true }))
      assert.equal(end.state, 'failed')
      assert.deepEqual(readdirSync(dest), [])
    },
  },
  {
    name: 'a template is filled in for its host, and nothing is sent to one that lacks a variable',
    needs: 'blobs',
    run: async (harness) => {
      const file = join(folderOf(harness), 'app.conf')
      const { source } = await provided(harness, Buffer.from('me={{host.name}} {{ .Other }}\n'))
      const { end } = await carry(harness, copyOf(source, file, { template: true }))
      assert.equal(end.state, 'ok')
      const name = harness.host.vars['host.name'] ?? ''
      assert.equal(readFileSync(file, 'utf8'), `me=${name} {{ .Other }}\n`)
      const { source: other } = await provided(harness, Buffer.from('{{host.labels.nope}}'))
      const unset = await carry(harness, copyOf(other, file, { template: true }))
      assert.deepEqual([unset.end.state, unset.end.reason], ['failed', 'varUnset'])
      assert.deepEqual(unset.calls, [])
    },
  },
  {
    name: 'in check mode a copy says what would change, with the difference of a text, and changes nothing',
    needs: 'blobs',
    run: async (harness) => {
      const folder = folderOf(harness)
      const file = join(folder, 'app.conf')
      writeFileSync(file, 'a=1\nb=2\n', { mode: 0o600 })
      const { source } = await provided(harness, Buffer.from('a=1\nb=3\n'))
      const action = copyOf(source, file, { mode: '0644' })
      const told = await carry(harness, action, { check: true })
      assert.equal(told.end.state, 'ok')
      assert.match(told.stdout.toString(), /^would change: content, mode 600 to 644\n/)
      assert.match(told.stdout.toString(), /\n-b=2\n\+b=3\n/)
      const { source: whole } = await provided(harness, large())
      const fresh = join(folder, 'new.bin')
      const told2 = await carry(harness, copyOf(whole, fresh), { check: true })
      assert.match(told2.stdout.toString(), /^would change: new file\n/)
      assert.ok(!existsSync(fresh))
      assert.equal(readFileSync(file, 'utf8'), 'a=1\nb=2\n')
      assert.deepEqual(readdirSync(folder), ['app.conf'])
      await carry(harness, action)
      const same = await carry(harness, action, { check: true })
      assert.equal(same.stdout.toString(), 'identical\n')
    },
  },
]
