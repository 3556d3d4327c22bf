// What every event log must do.

import assert from 'node:assert/strict'
import {
  type ConformanceCase,
  claimOf,
  collector,
  first,
  hostEvent,
  IDC,
  note,
  reader,
  slice,
} from './case-kit.ts'

export const logCases: readonly ConformanceCase[] = [
  {
    name: 'events are read in the order of each writer, without gap or repetition',
    async run({ engine }) {
      const { read } = await reader(engine)
      const count = 50
      const write = async (sliceId: string): Promise<void> => {
        for (let n = 1; n <= count; n += 2) {
          await engine.log.append(IDC, [note(sliceId, n), note(sliceId, n + 1)])
        }
      }
      await Promise.all(['a', 'b', 'c'].map(write))
      const entries = await read.count(3 * count)
      assert.equal(entries.length, 3 * count)
      for (const sliceId of ['a', 'b', 'c']) {
        const numbers = entries.flatMap(({ event }) => (event.sliceId === sliceId ? [event.n] : []))
        assert.deepEqual(
          numbers,
          Array.from({ length: count }, (_, index) => index + 1),
        )
      }
      const seqs = entries.map((entry) => entry.seq)
      assert.deepEqual(
        seqs,
        [...new Set(seqs)].sort((a, b) => a - b),
      )
      const last = seqs.at(-1) ?? 0
      assert.equal((await engine.log.info(IDC)).last, last)
      assert.equal(await engine.log.behind(IDC, last), 0)
      assert.ok((await engine.log.behind(IDC, seqs[0] ?? 0)) > 0)
    },
  },
  {
    name: 'bytes of output arrive as they were written',
    async run({ engine }) {
      const { read } = await reader(engine)
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
      const origin = { runId: 'run-1', sliceId: 'a', fence: 1, n: 1, by: 'c1', at: 0 }
      const host = { hostId: 'h', attempt: 1 }
      await engine.log.append(IDC, [
        { kind: 'host.output', ...origin, ...host, stream: 'stderr', offset: 7, bytes },
      ])
      const { event } = first(await read.count(1))
      assert.ok(event.kind === 'host.output')
      assert.deepEqual(Buffer.from(event.bytes), Buffer.from(bytes))
    },
  },
  {
    name: 'a batch that its reader rejects comes again',
    async run({ engine }) {
      const tries = collector<readonly number[]>()
      await engine.log.read(IDC, 0, async (entries) => {
        tries.add(entries.map((entry) => entry.event.n))
        if (tries.items.length < 3) throw new Error('database is locked')
      })
      await engine.log.append(IDC, [note('a', 1), note('a', 2)])
      // Where the log is durable by itself, append does not wait for the reader.
      await tries.count(3)
      assert.deepEqual(tries.items, [
        [1, 2],
        [1, 2],
        [1, 2],
      ])
    },
  },
  {
    name: 'a reader goes on from its cursor',
    async run({ engine }) {
      const before = await reader(engine)
      await engine.log.append(IDC, [note('a', 1), note('a', 2)])
      const cursor = (await before.read.count(2))[1]?.seq ?? 0
      await before.stop()
      const appended = engine.log.append(IDC, [note('a', 3)])
      const after = await reader(engine, cursor)
      await appended
      await engine.log.append(IDC, [note('a', 4)])
      const entries = await after.read.count(2)
      assert.deepEqual(
        entries.map(({ event }) => event.n),
        [3, 4],
      )
      assert.equal(before.read.items.length, 2)
    },
  },
  {
    name: 'of many claims on a slice exactly one wins, and the others hear who holds it',
    async run({ engine }) {
      await reader(engine)
      const names = Array.from({ length: 20 }, (_, index) => `c${index}`)
      const results = await Promise.all(
        names.map((name) => engine.log.claim(IDC, claimOf('a', name), 0)),
      )
      const won = results.flatMap((result, index) => (result.ok ? [{ result, index }] : []))
      assert.equal(won.length, 1)
      const winner = first(won)
      for (const result of results) {
        if (result.ok) continue
        assert.equal(result.heldBy, names[winner.index])
        assert.equal(result.fence, winner.result.fence)
      }
    },
  },
  {
    name: 'the same controller cannot claim twice from the same starting point',
    async run({ engine }) {
      await reader(engine)
      const one = await engine.log.claim(IDC, claimOf('a', 'c1'), 0)
      assert.ok(one.ok)
      const two = await engine.log.claim(IDC, claimOf('a', 'c1'), 0)
      assert.equal(two.ok, false)
    },
  },
  {
    name: 'a takeover gets a greater fence, and the one before it cannot be built upon',
    async run({ engine }) {
      const { read } = await reader(engine)
      const one = await engine.log.claim(IDC, claimOf('a', 'c1'), 0)
      assert.ok(one.ok)
      const two = await engine.log.claim(IDC, claimOf('a', 'c2'), one.fence)
      assert.ok(two.ok && two.fence > one.fence)
      const late = await engine.log.claim(IDC, claimOf('a', 'c3'), one.fence)
      assert.deepEqual(late, { ok: false, heldBy: 'c2', fence: two.fence })
      const unheard = await engine.log.claim(IDC, claimOf('a', 'c3'), two.fence + 1)
      assert.deepEqual(unheard, { ok: false, heldBy: 'c2', fence: two.fence })
      const entries = await read.count(2)
      assert.deepEqual(
        entries.map(({ seq, event }) => [event.kind, event.by, event.fence, seq]),
        [
          ['slice.claimed', 'c1', one.fence, one.fence],
          ['slice.claimed', 'c2', two.fence, two.fence],
        ],
      )
    },
  },
  {
    name: 'the history of a slice tells its claims, starts and ends in order, and nothing of others',
    async run({ engine }) {
      await reader(engine)
      await engine.log.claim(IDC, claimOf('a', 'c1'), 0)
      await engine.log.claim(IDC, claimOf('b', 'c1'), 0)
      await engine.log.append(IDC, [hostEvent('a', 1, 'started'), hostEvent('b', 1, 'started')])
      await engine.log.append(IDC, [hostEvent('a', 2, 'ended')])
      const history = await engine.log.history(IDC, 'a')
      assert.deepEqual(
        history.map(({ event }) => [
          event.sliceId,
          event.kind,
          'hostId' in event ? event.hostId : event.by,
        ]),
        [
          ['a', 'slice.claimed', 'c1'],
          ['a', 'host.started', 'h1'],
          ['a', 'host.ended', 'h1'],
        ],
      )
      assert.deepEqual(await engine.log.history(IDC, 'unknown'), [])
    },
  },
  {
    name: 'trimming touches neither what is unread nor slices that are still queued',
    async run({ engine }) {
      await engine.queue.offer(IDC, [slice('a')])
      const { read, stop } = await reader(engine)
      const claim = await engine.log.claim(IDC, claimOf('a', 'c1'), 0)
      assert.ok(claim.ok)
      await engine.log.append(IDC, [hostEvent('a', 1, 'started')])
      const cursor = (await read.count(2))[1]?.seq ?? 0
      await stop()
      const pending = engine.log.append(IDC, [note('a', 2)])
      await engine.log.trim(IDC, cursor)
      const next = await reader(engine, cursor)
      await pending
      assert.equal(first(await next.read.count(1)).event.n, 2)
      assert.equal((await engine.log.claim(IDC, claimOf('a', 'c2'), 0)).ok, false)
    },
  },
  {
    name: 'ten thousand events arrive, in order',
    async run({ engine }) {
      const { read } = await reader(engine)
      const numbers = Array.from({ length: 10_000 }, (_, index) => index + 1)
      await Promise.all(numbers.map((n) => engine.log.append(IDC, [note('a', n)])))
      const entries = await read.count(numbers.length)
      assert.deepEqual(
        entries.map(({ event }) => event.n),
        numbers,
      )
    },
  },
]
