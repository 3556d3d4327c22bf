// What the fences of every event log must hold: order that all agree on, takeovers, the loss of the store.

import assert from 'node:assert/strict'
import type { SliceEvent } from '@omserver/core'
import { type ConformanceCase, claimOf, hostEvent, IDC, note, reader, slice } from './case-kit.ts'

const output = (n: number, bytes: Uint8Array): SliceEvent => ({
  kind: 'host.output',
  runId: 'run-1',
  sliceId: 'a',
  fence: 1,
  n,
  by: 'c1',
  at: 0,
  hostId: 'h1',
  attempt: 1,
  stream: 'stdout',
  offset: 0,
  bytes,
})

export const fenceCases: readonly ConformanceCase[] = [
  {
    name: 'two readers agree on one order of claims and events of all writers',
    async run({ engine }) {
      const one = await reader(engine)
      const two = await reader(engine)
      const write = async (sliceId: string): Promise<void> => {
        await engine.log.claim(IDC, claimOf(sliceId, 'c1'), 0)
        for (let n = 1; n <= 10; n++) await engine.log.append(IDC, [note(sliceId, n)])
      }
      await Promise.all(['a', 'b', 'c', 'd'].map(write))
      const seen = [await one.read.count(44), await two.read.count(44)].map((entries) =>
        entries.map(({ seq, event }) => `${seq} ${event.sliceId} ${event.kind} ${event.n}`),
      )
      assert.deepEqual(seen[0], seen[1])
      assert.equal(seen[0]?.length, 44)
    },
  },
  {
    name: 'what a stale holder writes stands behind the claim that made it stale, under its own fence',
    async run({ engine }) {
      const { read } = await reader(engine)
      const old = await engine.log.claim(IDC, claimOf('a', 'c1'), 0)
      assert.ok(old.ok)
      const by = (event: SliceEvent): SliceEvent => ({ ...event, fence: old.fence })
      await engine.log.append(IDC, [by(hostEvent('a', 1, 'started'))])
      const taken = await engine.log.claim(IDC, claimOf('a', 'c2'), old.fence)
      assert.ok(taken.ok)
      const known = await engine.log.history(IDC, 'a')
      assert.deepEqual(
        known.map(({ event }) => event.kind),
        ['slice.claimed', 'host.started', 'slice.claimed'],
      )
      await engine.log.append(IDC, [by(hostEvent('a', 2, 'ended'))])
      const entries = await read.count(4)
      const late = entries[3]
      assert.ok(late && late.seq > taken.fence)
      assert.deepEqual([late.event.kind, late.event.fence], ['host.ended', old.fence])
    },
  },
  {
    name: 'a claim stands before anything that is written after it was granted',
    async run({ engine }) {
      const { read } = await reader(engine)
      const claim = await engine.log.claim(IDC, claimOf('a', 'c1'), 0)
      assert.ok(claim.ok)
      await engine.log.append(IDC, [note('a', 1, claim.fence)])
      const entries = await read.count(2)
      assert.deepEqual(
        entries.map(({ event }) => event.kind),
        ['slice.claimed', 'slice.note'],
      )
      assert.equal(entries[0]?.seq, claim.fence)
    },
  },
  {
    name: 'claims on different slices do not disturb each other',
    async run({ engine }) {
      await reader(engine)
      const ids = Array.from({ length: 30 }, (_, index) => `s${index}`)
      const results = await Promise.all(
        ids.map((id) => engine.log.claim(IDC, claimOf(id, 'c1'), 0)),
      )
      const fences = results.flatMap((result) => (result.ok ? [result.fence] : []))
      assert.equal(new Set(fences).size, ids.length)
      const again = await Promise.all(
        ids.map((id, index) => engine.log.claim(IDC, claimOf(id, 'c2'), fences[index] ?? 0)),
      )
      assert.ok(again.every((result) => result.ok))
    },
  },
  {
    name: 'claims and histories of an IDC are nothing to another',
    async run({ engine }) {
      await reader(engine)
      await reader(engine, 0, 'bj')
      const here = await engine.log.claim(IDC, claimOf('a', 'c1'), 0)
      const there = await engine.log.claim('bj', claimOf('a', 'c2'), 0)
      assert.deepEqual([here.ok, there.ok], [true, true])
      const history = await engine.log.history('bj', 'a')
      assert.deepEqual(
        history.map(({ event }) => event.kind === 'slice.claimed' && event.by),
        ['c2'],
      )
    },
  },
  {
    name: 'a batch that is larger than a message may be is appended whole, in order',
    async run({ engine }) {
      const { read } = await reader(engine)
      const pieces = Array.from({ length: 48 }, (_, index) => new Uint8Array(64 * 1024).fill(index))
      await engine.log.append(
        IDC,
        pieces.map((bytes, index) => output(index + 1, bytes)),
      )
      const entries = await read.count(pieces.length)
      const got = entries.map(({ event }) =>
        event.kind === 'host.output' ? [event.n, event.bytes.length, event.bytes[65_535]] : [],
      )
      assert.deepEqual(
        got,
        pieces.map((_, index) => [index + 1, 64 * 1024, index]),
      )
    },
  },
  {
    name: 'after the loss of the store there is another epoch, and everything can begin anew',
    async run({ engine, loseStore }) {
      const before = await reader(engine)
      await engine.queue.offer(IDC, [slice('a')])
      await engine.log.claim(IDC, claimOf('a', 'c1'), 0)
      await engine.log.append(IDC, [note('a', 1)])
      await before.read.count(2)
      const { epoch, last } = await engine.log.info(IDC)
      assert.equal((await engine.log.info(IDC)).epoch, epoch)
      const fresh = await loseStore()
      await fresh.ensure(IDC)
      const info = await fresh.log.info(IDC)
      assert.notEqual(info.epoch, epoch)
      // A cursor of the old epoch must not be mistaken for a place in the new log.
      await assert.rejects(fresh.log.read(IDC, last, async () => undefined))
      const { read } = await reader(fresh)
      assert.deepEqual(await fresh.queue.depth(IDC), { waiting: 0, leased: 0 })
      await fresh.queue.offer(IDC, [slice('a')])
      assert.deepEqual(await fresh.queue.depth(IDC), { waiting: 1, leased: 0 })
      const claim = await fresh.log.claim(IDC, claimOf('a', 'c2'), 0)
      assert.ok(claim.ok)
      await fresh.log.append(IDC, [note('a', 1, claim.fence)])
      assert.equal((await read.count(2)).length, 2)
    },
  },
]
