// What every engine must do besides: blobs, known IDCs, its own end.

import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import type { BlobSource, Idc } from '../ports.ts'
import {
  type ConformanceCase,
  claimOf,
  collector,
  first,
  holder,
  IDC,
  lostOf,
  note,
  slice,
  withCode,
} from './case-kit.ts'

const sourceOf = (bytes: Buffer, chunk: number): BlobSource => ({
  hash: hash('sha256', bytes, 'hex'),
  size: bytes.length,
  async *read(from) {
    for (let at = from; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk)
  },
})

export const engineCases: readonly ConformanceCase[] = [
  {
    name: 'a blob is found by the hash of its bytes until it is removed',
    async run({ engine }) {
      const bytes = Buffer.from('content\0\xff', 'latin1')
      const name = await engine.blobs.put(bytes)
      assert.match(name, /^[0-9a-f]{64}$/)
      assert.equal(await engine.blobs.put(bytes), name)
      assert.deepEqual(Buffer.from((await engine.blobs.get(name)) ?? []), bytes)
      assert.equal(await engine.blobs.get('0'.repeat(64)), undefined)
      await engine.blobs.remove(name)
      assert.equal(await engine.blobs.get(name), undefined)
    },
  },
  {
    name: 'a blob of five megabytes comes back byte by byte, and two at once are two',
    async run({ engine }) {
      const large = Buffer.alloc(5 * 1024 * 1024, 'omserver')
      const other = Buffer.from(large)
      other[large.length - 1] = 0
      const [one = '', two = ''] = await Promise.all([
        engine.blobs.put(large),
        engine.blobs.put(other),
      ])
      assert.notEqual(one, two)
      assert.ok(large.equals(Buffer.from((await engine.blobs.get(one)) ?? [])))
      assert.ok(other.equals(Buffer.from((await engine.blobs.get(two)) ?? [])))
    },
  },
  {
    name: 'a blob that is provided by its source can be read from any byte on, as often as wanted',
    async run({ engine }) {
      const { blobs } = engine
      const bytes = Buffer.alloc(3 * 1024 * 1024 + 17)
      for (let at = 0; at < bytes.length; at += 4)
        bytes.writeUInt32LE(at, Math.min(at, bytes.length - 4))
      const source = sourceOf(bytes, 100_000)
      await blobs.provide(source)
      await blobs.provide(source)
      const read = async (from?: number): Promise<Buffer> => {
        const chunks = await blobs.open(source.hash, from)
        assert.ok(chunks)
        const parts = await Array.fromAsync(chunks)
        assert.ok(parts.every(({ length }) => length <= 512 * 1024))
        return Buffer.concat(parts)
      }
      for (const from of [0, 1, 262_144, 700_001, bytes.length - 1, bytes.length]) {
        assert.ok(bytes.subarray(from).equals(await read(from)), `from ${from}`)
      }
      assert.ok(bytes.equals(Buffer.from((await blobs.get(source.hash)) ?? [])))
      await blobs.remove(source.hash)
      assert.equal(await blobs.open(source.hash), undefined)
      assert.equal(await blobs.get(source.hash), undefined)
    },
  },
  {
    name: 'a source that is not what it says is never read as if it were',
    async run({ engine }) {
      const { blobs } = engine
      const bytes = Buffer.alloc(600_000, 'x')
      const short = { ...sourceOf(bytes, 100_000), read: sourceOf(bytes.subarray(9), 50_000).read }
      // Found out when it is copied, or when it is read.
      const opened = blobs.provide(short).then(async () => {
        for await (const _ of (await blobs.open(short.hash)) ?? []);
      })
      await assert.rejects(opened, withCode('BLOB_DAMAGED'))
      assert.equal(await blobs.get(short.hash), undefined)
    },
  },
  {
    name: 'IDCs become known once, to those who watched before and after',
    async run({ engine }) {
      const early = collector<Idc>()
      const late = collector<Idc>()
      await engine.watchIdcs((idc) => early.add(idc))
      await engine.ensure('sz')
      await engine.ensure('sz')
      await engine.watchIdcs((idc) => late.add(idc))
      await engine.ensure('bj')
      assert.deepEqual(await early.count(2), ['sz', 'bj'])
      assert.deepEqual(await late.count(2), ['sz', 'bj'])
      assert.equal((await engine.health('sz')).ok, true)
    },
  },
  {
    name: 'closing takes leases away and refuses what comes after',
    async run({ engine }) {
      const { taken } = await holder(engine)
      await engine.queue.offer(IDC, [slice('a')])
      const held = first(await taken.count(1))
      await engine.close()
      await lostOf(held)
      await assert.rejects(engine.log.append(IDC, [note('a', 1)]), withCode('ENGINE_CLOSED'))
      await assert.rejects(engine.log.claim(IDC, claimOf('a', 'c'), 0), withCode('ENGINE_CLOSED'))
      await assert.rejects(engine.queue.offer(IDC, [slice('b')]), withCode('ENGINE_CLOSED'))
      await assert.rejects(engine.bus.call(IDC, 'x', null), withCode('ENGINE_CLOSED'))
      await engine.close()
      assert.equal((await engine.health(IDC)).ok, false)
    },
  },
]
