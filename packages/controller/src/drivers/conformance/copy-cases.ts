// Copies: in place at once or not at all, only when something differs, with the mode that was asked for.

import assert from 'node:assert/strict'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { CopyAction } from '@omserver/core'
import { type ConformanceCase, carry, folderOf } from './case-kit.ts'

const copy = (dest: string, text: string, more: Partial<CopyAction> = {}): CopyAction => ({
  kind: 'copy',
  source: { text },
  dest,
  ...more,
})

const modeOf = (file: string): string => (statSync(file).mode & 0o7777).toString(8)

export const copyCases: readonly ConformanceCase[] = [
  {
    name: 'a copy puts the file there, and the second time changes nothing',
    needs: 'machine',
    run: async (harness) => {
      const file = join(folderOf(harness), `it's a "file" $HOME`)
      const text = '中文\nno end of line \\ %s'
      const first = await carry(harness, copy(file, text))
      assert.deepEqual([first.end.state, first.end.changed], ['ok', true])
      assert.equal(readFileSync(file, 'utf8'), text)
      assert.equal(modeOf(file), '644')
      const before = statSync(file)
      const second = await carry(harness, copy(file, text))
      assert.deepEqual([second.end.state, second.end.changed], ['ok', false])
      assert.equal(statSync(file).ino, before.ino)
      assert.equal(statSync(file).mtimeMs, before.mtimeMs)
    },
  },
  {
    name: 'a copy replaces by renaming, keeps the mode, and leaves nothing else behind',
    needs: 'machine',
    run: async (harness) => {
      const folder = folderOf(harness)
      const file = join(folder, 'app.conf')
      writeFileSync(file, 'old')
      chmodSync(file, 0o640)
      const before = statSync(file).ino
      const { end } = await carry(harness, copy(file, 'new'))
      assert.deepEqual([end.state, end.changed], ['ok', true])
      assert.equal(readFileSync(file, 'utf8'), 'new')
      assert.notEqual(statSync(file).ino, before)
      assert.equal(modeOf(file), '640')
      assert.deepEqual(readdirSync(folder), ['app.conf'])
    },
  },
  {
    name: 'a mode that differs is a change',
    needs: 'machine',
    run: async (harness) => {
      const file = join(folderOf(harness), 'run.sh')
      await carry(harness, copy(file, 'x', { mode: '0755' }))
      assert.equal(modeOf(file), '755')
      const same = await carry(harness, copy(file, 'x', { mode: '0755' }))
      assert.equal(same.end.changed, false)
      const other = await carry(harness, copy(file, 'x', { mode: '0600' }))
      assert.equal(other.end.changed, true)
      assert.equal(modeOf(file), '600')
    },
  },
  {
    name: 'a backup keeps what was there',
    needs: 'machine',
    run: async (harness) => {
      const folder = folderOf(harness)
      const file = join(folder, 'app.conf')
      await carry(harness, copy(file, 'old', { backup: true }))
      assert.deepEqual(readdirSync(folder), ['app.conf'])
      await carry(harness, copy(file, 'new', { backup: true }))
      const kept = readdirSync(folder).filter((name) => /^app\.conf\.\d+~$/.test(name))
      assert.equal(kept.length, 1)
      assert.equal(readFileSync(join(folder, kept[0] ?? ''), 'utf8'), 'old')
    },
  },
  {
    name: 'a symbolic link is followed, not replaced',
    needs: 'machine',
    run: async (harness) => {
      const folder = folderOf(harness)
      mkdirSync(join(folder, 'real'))
      writeFileSync(join(folder, 'real', 'app.conf'), 'old')
      symlinkSync('real/app.conf', join(folder, 'link'))
      await carry(harness, copy(join(folder, 'link'), 'new'))
      assert.ok(lstatSync(join(folder, 'link')).isSymbolicLink())
      assert.equal(readFileSync(join(folder, 'real', 'app.conf'), 'utf8'), 'new')
    },
  },
  {
    name: 'a copy that cannot be made says why, and changes nothing',
    needs: 'machine',
    run: async (harness) => {
      const folder = folderOf(harness)
      const nowhere = await carry(harness, copy(join(folder, 'no', 'such', 'file'), 'x'))
      assert.deepEqual([nowhere.end.state, nowhere.end.reason], ['failed', 'copyFailed'])
      assert.match(nowhere.end.message ?? '', /does not exist/)
      const onFolder = await carry(harness, copy(folder, 'x'))
      assert.match(onFolder.end.message ?? '', /is a folder/)
      const owner = await carry(harness, copy(join(folder, 'f'), 'x', { owner: 'no-such-user' }))
      assert.equal(owner.end.reason, 'copyFailed')
      assert.deepEqual(readdirSync(folder), [])
    },
  },
  {
    name: 'a copy of nothing, and of a megabyte',
    needs: 'machine',
    run: async (harness) => {
      const folder = folderOf(harness)
      await carry(harness, copy(join(folder, 'empty'), ''))
      assert.equal(statSync(join(folder, 'empty')).size, 0)
      const text = '0123456789abcdef'.repeat(65_536)
      const { end } = await carry(harness, copy(join(folder, 'large'), text))
      assert.equal(end.state, 'ok')
      assert.equal(readFileSync(join(folder, 'large'), 'utf8'), text)
    },
  },
]
