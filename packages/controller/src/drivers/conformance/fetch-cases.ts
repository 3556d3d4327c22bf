// Fetches: a file of the host arrives byte by byte, in pieces, or its host says why not.

import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FetchAction } from '@omserver/core'
import { type ConformanceCase, carry, folderOf } from './case-kit.ts'

const fetchOf = (path: string, maxBytes = 10_000_000): FetchAction => ({
  kind: 'fetch',
  path,
  maxBytes,
})

export const fetchCases: readonly ConformanceCase[] = [
  {
    name: 'a file is collected byte by byte, in pieces, with its size and hash',
    needs: 'blobs',
    run: async (harness) => {
      const file = join(folderOf(harness), `it's a "file"`)
      for (const length of [0, 1, 128 * 1024, 1_500_001]) {
        const bytes = Buffer.alloc(length)
        for (let at = 0; at < length; at++) bytes[at] = (at * 7 + (at >> 8)) & 255
        writeFileSync(file, bytes)
        const { end, pieces, stdout } = await carry(harness, fetchOf(file))
        assert.deepEqual([end.state, end.exit], ['ok', 0], end.message)
        assert.ok(Buffer.concat(pieces.map((piece) => piece.bytes)).equals(bytes))
        let at = 0
        for (const piece of pieces) {
          assert.equal(piece.offset, at)
          at += piece.bytes.length
        }
        const whole = { size: length, hash: hash('sha256', bytes, 'hex') }
        assert.deepEqual(pieces.at(-1)?.whole, whole)
        assert.ok(pieces.slice(0, -1).every((piece) => piece.whole === undefined))
        assert.equal(stdout.toString(), `${whole.hash}  ${length}  ${file}\n`)
      }
    },
  },
  {
    name: 'a file that is not there, too large, or none at all says so and sends nothing',
    needs: 'blobs',
    run: async (harness) => {
      const folder = folderOf(harness)
      const said = async (action: FetchAction): Promise<string> => {
        const { end, pieces } = await carry(harness, action)
        assert.deepEqual([end.state, end.reason], ['failed', 'fetchFailed'])
        assert.deepEqual(pieces, [])
        return end.message ?? ''
      }
      assert.match(await said(fetchOf(join(folder, 'none'))), /does not exist/)
      mkdirSync(join(folder, 'folder'))
      assert.match(await said(fetchOf(join(folder, 'folder'))), /is a folder/)
      writeFileSync(join(folder, 'large'), 'x'.repeat(1001))
      const large = await said(fetchOf(join(folder, 'large'), 1000))
      assert.match(large, /has 1001 bytes, more than the limit of 1000/)
    },
  },
]
