// The embedded engine: the suite of every adapter, and what is its own: commits, back-off, memory.

import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SliceEvent } from '@omserver/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { After } from '../after.ts'
import { engineConformance } from '../conformance.ts'
import type { LogEntry } from '../ports.ts'
import { type EmbeddedOptions, embeddedEngine } from './embedded-engine.ts'
import type { Lease } from './memory-queue.ts'

describe('embedded engine conformance', () => {
  test.each(engineConformance)('$name', async ({ run }) => {
    const leases: Lease[] = []
    const engine = embeddedEngine({ presenceTtlMs: 10, onLease: (lease) => leases.push(lease) })
    onTestFinished(() => engine.close())
    await run({
      engine,
      async expireLease(idc, sliceId) {
        leases.findLast((lease) => lease.idc === idc && lease.sliceId === sliceId)?.expire()
      },
      async loseStore() {
        await engine.close()
        const fresh = embeddedEngine()
        onTestFinished(() => fresh.close())
        return fresh
      },
    })
  })
})

/** Timers that fire when the test says so. */
const manualTimers = () => {
  let now = 0
  let timers: { readonly at: number; readonly run: () => void }[] = []
  const after: After = (ms, run) => {
    const timer = { at: now + ms, run }
    timers.push(timer)
    return () => {
      timers = timers.filter((other) => other !== timer)
    }
  }
  return {
    after,
    /** When the timers that wait now are due, in ms from now. */
    due: () => timers.map((timer) => timer.at - now),
    pass(ms: number): void {
      now += ms
      const due = timers.filter((timer) => timer.at <= now)
      timers = timers.filter((timer) => timer.at > now)
      for (const timer of due) timer.run()
    },
  }
}

const turns = async (count = 5): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

const openEngine = (options: EmbeddedOptions = {}) => {
  const engine = embeddedEngine(options)
  onTestFinished(() => engine.close())
  return engine
}

const note = (n: number): SliceEvent => ({
  kind: 'slice.note',
  runId: 'r',
  sliceId: 's',
  fence: 1,
  n,
  by: 'c',
  at: 0,
  message: '',
})

const state = (promise: Promise<unknown>) => {
  const seen = { is: 'pending' }
  promise.then(
    () => {
      seen.is = 'resolved'
    },
    (error: Error) => {
      seen.is = `rejected: ${error.message}`
    },
  )
  return seen
}

describe('the log', () => {
  test('append resolves when the reader has committed, not before', async () => {
    const engine = openEngine()
    const commit = Promise.withResolvers<void>()
    await engine.log.read('x', 0, () => commit.promise)
    const appended = engine.log.append('x', [note(1)])
    const seen = state(appended)
    await turns()
    expect(seen.is).toBe('pending')
    commit.resolve()
    await appended
  })

  test('without a reader nothing becomes durable', async () => {
    const engine = openEngine()
    const appended = engine.log.append('x', [note(1)])
    const seen = state(appended)
    await turns()
    expect(seen.is).toBe('pending')
    await engine.log.read('x', 0, async () => undefined)
    await appended
  })

  test('what is appended during a commit shares the next one', async () => {
    const engine = openEngine()
    const batches: (readonly LogEntry[])[] = []
    const commits = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    await engine.log.read('x', 0, (entries) => {
      batches.push(entries)
      return commits[batches.length - 1]?.promise ?? Promise.resolve()
    })
    const all = [engine.log.append('x', [note(1)])]
    await turns()
    for (let n = 2; n <= 9; n++) {
      all.push(engine.log.append('x', [note(n)]))
      await turns(1)
    }
    commits[0]?.resolve()
    await turns()
    expect(batches.map((batch) => batch.length)).toEqual([1, 8])
    commits[1]?.resolve()
    await Promise.all(all)
  })

  test('what comes turn after turn shares a commit, and one event alone is not kept waiting', async () => {
    const engine = openEngine()
    const sizes: number[] = []
    await engine.log.read('x', 0, async (entries) => {
      sizes.push(entries.length)
    })
    await engine.log.append('x', [note(1)])
    expect(sizes).toEqual([1])
    const all: Promise<void>[] = []
    for (let n = 2; n <= 5; n++) {
      all.push(engine.log.append('x', [note(n)]))
      await turns(1)
    }
    await Promise.all(all)
    expect(sizes).toEqual([1, 4])
  })

  test('a log that never falls silent is stored all the same', async () => {
    const engine = openEngine()
    let stored = 0
    const all: Promise<void>[] = []
    await engine.log.read('x', 0, async (entries) => {
      stored += entries.length
    })
    for (let n = 1; n <= 60; n++) {
      all.push(engine.log.append('x', [note(n)]))
      await turns(1)
    }
    expect(stored).toBeGreaterThan(30)
    await Promise.all(all)
  })

  test('a batch is bounded in events and in bytes', async () => {
    const engine = openEngine()
    const sizes: number[] = []
    await engine.log.read('x', 0, async (entries) => {
      sizes.push(entries.length)
    })
    await engine.log.append(
      'x',
      Array.from({ length: 4_500 }, (_, n) => note(n)),
    )
    expect(sizes).toEqual([1_000, 1_000, 1_000, 1_000, 500])
    sizes.length = 0
    const bytes = new Uint8Array(1024 * 1024)
    const output: SliceEvent = {
      ...{ runId: 'r', sliceId: 's', fence: 1, n: 1, by: 'c', at: 0 },
      ...{ kind: 'host.output', hostId: 'h', attempt: 1, stream: 'stdout', offset: 0, bytes },
    }
    await engine.log.append('x', Array(10).fill(output))
    expect(sizes).toEqual([4, 4, 2])
  })

  test('while the disk is full the batch is offered again, ever more rarely, and health says why', async () => {
    const timers = manualTimers()
    const engine = openEngine({ after: timers.after })
    let full = true
    const offered: number[][] = []
    await engine.log.read('x', 0, async (entries) => {
      offered.push(entries.map((entry) => entry.event.n))
      if (full) throw new Error('database or disk is full')
    })
    const appended = engine.log.append('x', [note(1)])
    const seen = state(appended)
    const pauses: number[] = []
    for (let turn = 0; turn < 10; turn++) {
      await turns()
      pauses.push(...timers.due())
      timers.pass(timers.due()[0] ?? 0)
    }
    expect(pauses).toEqual([50, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000])
    expect(seen.is).toBe('pending')
    expect(await engine.health('x')).toEqual({
      ok: false,
      detail: 'events cannot be stored: database or disk is full',
    })
    full = false
    await turns()
    timers.pass(5000)
    await appended
    expect((await engine.health('x')).ok).toBe(true)
    expect(new Set(offered.flat())).toEqual(new Set([1]))
  })

  test('closing rejects what could not be committed, and waits for the commit under way', async () => {
    const engine = openEngine()
    const commit = Promise.withResolvers<void>()
    await engine.log.read('x', 0, () => commit.promise)
    const one = engine.log.append('x', [note(1)])
    await turns()
    const two = state(engine.log.append('x', [note(2)]))
    const closed = engine.close()
    commit.resolve()
    await one
    await closed
    await turns()
    expect(two.is).toMatch(/^rejected: ENGINE_CLOSED/)
  })

  test('committed entries are not kept', async () => {
    const engine = openEngine()
    await engine.log.read('x', 0, async () => undefined)
    await engine.log.append(
      'x',
      Array.from({ length: 100 }, (_, n) => note(n)),
    )
    expect(await engine.log.info('x')).toMatchObject({ first: 101, last: 100 })
  })

  test('a cursor beyond the end is refused: it is of another epoch', async () => {
    const engine = openEngine({ newEpoch: () => 'e1' })
    expect((await engine.log.info('x')).epoch).toBe('e1')
    await expect(engine.log.read('x', 5, async () => undefined)).rejects.toThrow(RangeError)
  })

  test('an entry waits for every reader', async () => {
    const engine = openEngine()
    const slow = Promise.withResolvers<void>()
    await engine.log.read('x', 0, async () => undefined)
    await engine.log.read('x', 0, () => slow.promise)
    const appended = engine.log.append('x', [note(1)])
    const seen = state(appended)
    await turns()
    expect(seen.is).toBe('pending')
    slow.resolve()
    await appended
  })
})

const slice = (sliceId: string, runId: string) => ({
  ...{ sliceId, runId, idc: 'x', driver: 'sim' as const, batch: 0, attempt: 1, check: false },
  ...{ action: { kind: 'shell' as const, command: [] }, hosts: [], concurrency: 1, mask: [] },
  ...{ hostTimeoutMs: 1, connectTimeoutMs: 1, caps: { perHost: 1 } },
})

describe('the queue', () => {
  test('runs take turns', async () => {
    const engine = openEngine()
    const long = Array.from({ length: 4 }, (_, index) => slice(`long-${index}`, 'long'))
    await engine.queue.offer('x', [...long, slice('short-0', 'short'), slice('short-1', 'short')])
    const order: string[] = []
    await engine.queue.consume('x', { slots: () => 1 }, async (delivery) => {
      order.push(delivery.slice.sliceId)
      await delivery.done()
    })
    await turns(20)
    expect(order).toEqual(['long-0', 'short-0', 'long-1', 'short-1', 'long-2', 'long-3'])
  })

  test('a handler that fails gets the slice again after a second', async () => {
    const timers = manualTimers()
    const engine = openEngine({ after: timers.after })
    let tries = 0
    await engine.queue.consume('x', { slots: () => 1 }, async (delivery) => {
      if (++tries === 1) throw new Error('no')
      await delivery.done()
    })
    await engine.queue.offer('x', [slice('a', 'r')])
    await turns()
    expect(tries).toBe(1)
    expect(await engine.queue.depth('x')).toEqual({ waiting: 1, leased: 0 })
    timers.pass(1000)
    await turns()
    expect(tries).toBe(2)
    expect(await engine.queue.depth('x')).toEqual({ waiting: 0, leased: 0 })
  })

  test('a slice that waits for its delay can be withdrawn', async () => {
    const timers = manualTimers()
    const engine = openEngine({ after: timers.after })
    let tries = 0
    await engine.queue.consume('x', { slots: () => 1 }, async (delivery) => {
      tries++
      await delivery.release(3000)
    })
    await engine.queue.offer('x', [slice('a', 'r')])
    await turns()
    expect(await engine.queue.withdraw('x', ['a'])).toEqual(['a'])
    timers.pass(5000)
    await turns()
    expect(tries).toBe(1)
  })

  test('the end of a slice is remembered, so that it is not carried out a second time', async () => {
    const engine = openEngine()
    await engine.log.read('x', 0, async () => undefined)
    await engine.queue.consume('x', { slots: () => 1 }, async (delivery) => {
      const { sliceId, runId } = delivery.slice
      await engine.log.claim('x', { sliceId, runId, by: 'c', at: 0 }, 0)
      await delivery.done()
    })
    await engine.queue.offer('x', [slice('a', 'r')])
    await turns(10)
    const again = await engine.log.claim('x', { sliceId: 'a', runId: 'r', by: 'c', at: 0 }, 0)
    expect(again.ok).toBe(false)
    await engine.log.trim('x', (await engine.log.info('x')).last)
    expect(await engine.log.history('x', 'a')).toEqual([])
  })
})

test('presence that is renewed in time is not forgotten', async () => {
  const timers = manualTimers()
  const engine = openEngine({ after: timers.after, presenceTtlMs: 100 })
  await engine.presence.put('x', 'c1', 1)
  timers.pass(90)
  await engine.presence.put('x', 'c1', 2)
  timers.pass(90)
  expect([...(await engine.presence.all('x'))]).toEqual([['c1', 2]])
  timers.pass(10)
  expect([...(await engine.presence.all('x'))]).toEqual([])
})

describe('blobs', () => {
  test('in memory are bounded, and a full store forgets nothing', async () => {
    const engine = openEngine({ blobs: { maxBytes: 10 } })
    const kept = await engine.blobs.put(Buffer.from('12345678'))
    await expect(engine.blobs.put(Buffer.from('abc'))).rejects.toMatchObject({ code: 'BLOBS_FULL' })
    expect(Buffer.from((await engine.blobs.get(kept)) ?? []).toString()).toBe('12345678')
    await engine.blobs.remove(kept)
    await engine.blobs.put(Buffer.from('abc'))
  })

  test('in a folder are private files, and a damaged one is none', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'om-blobs-'))
    onTestFinished(() => rm(dir, { recursive: true }))
    const engine = openEngine({ blobs: { dir } })
    const name = await engine.blobs.put(Buffer.from('content'))
    const file = join(dir, name.slice(0, 2), name)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readdir(join(dir, name.slice(0, 2)))).toEqual([name])
    await writeFile(file, 'other')
    expect(await engine.blobs.get(name)).toBeUndefined()
    expect(await engine.blobs.get('../../etc/passwd')).toBeUndefined()
  })
})
