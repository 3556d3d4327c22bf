// What the cases of the conformance suite are made of: slices, events, and ways to wait for what must happen.

import assert from 'node:assert/strict'
import { Problem, type Slice, type SliceEvent } from '@omserver/core'
import type { Delivery, Engine, Idc, LogEntry, Service } from '../ports.ts'

interface EngineHarness {
  /** Values on its presence board live for some ten milliseconds. */
  readonly engine: Engine
  /** Makes the lease on a slice run out, as when its holder hung or was cut off. */
  expireLease(idc: Idc, sliceId: string): Promise<void>
  /** The engine that stands there after the whole store was lost, and nothing else. `engine` is no more. */
  loseStore(): Promise<Engine>
}

export interface ConformanceCase {
  readonly name: string
  run(harness: EngineHarness): Promise<void>
}

export const IDC = 'sz'

export const slice = (sliceId: string, runId = 'run-1', idc = IDC): Slice => ({
  sliceId,
  runId,
  idc,
  driver: 'sim',
  batch: 0,
  attempt: 1,
  action: { kind: 'shell', command: ['true'] },
  check: false,
  hosts: [],
  concurrency: 1,
  hostTimeoutMs: 1000,
  connectTimeoutMs: 1000,
  caps: { perHost: 1024 },
  mask: [],
})

export const note = (sliceId: string, n: number, fence = 1): SliceEvent => ({
  kind: 'slice.note',
  runId: 'run-1',
  sliceId,
  fence,
  n,
  by: 'c1',
  at: 0,
  message: `${sliceId} ${n}`,
})

export const hostEvent = (sliceId: string, n: number, kind: 'started' | 'ended'): SliceEvent => {
  const origin = { runId: 'run-1', sliceId, fence: 1, n, by: 'c1', at: 0 }
  const host = { ...origin, hostId: 'h1', attempt: 1 }
  return kind === 'started'
    ? { kind: 'host.started', ...host }
    : {
        kind: 'host.ended',
        ...host,
        end: { state: 'ok' },
        durationMs: 1,
        outputBytes: 0,
        truncated: false,
      }
}

/** What arrives, and a way to wait until so much of it has. */
export const collector = <T>() => {
  const items: T[] = []
  let waiting: (() => void)[] = []
  return {
    items,
    add(item: T): void {
      items.push(item)
      for (const wake of waiting.splice(0)) wake()
    },
    async until(holds: (items: readonly T[]) => boolean): Promise<readonly T[]> {
      while (!holds(items)) await new Promise<void>((resolve) => (waiting = [...waiting, resolve]))
      return items
    },
    count(count: number): Promise<readonly T[]> {
      return this.until((all) => all.length >= count)
    },
  }
}

/** Takes slices and keeps them until it is told what to do with each. */
export const holder = async (engine: Engine, slots = Number.POSITIVE_INFINITY, idc = IDC) => {
  const taken = collector<Delivery>()
  let held = 0
  const stop = await engine.queue.consume(idc, { slots: () => slots - held }, async (delivery) => {
    held++
    const settled = Promise.withResolvers<void>()
    const settle =
      (how: () => Promise<void>): (() => Promise<void>) =>
      async () => {
        await how()
        settled.resolve()
      }
    delivery.lost.addEventListener('abort', () => settled.resolve())
    taken.add({
      slice: delivery.slice,
      lost: delivery.lost,
      sure: delivery.sure,
      done: settle(() => delivery.done()),
      release: settle(() => delivery.release()),
    })
    await settled.promise
    held--
  })
  return { taken, stop }
}

export const reader = async (engine: Engine, after = 0, idc = IDC) => {
  const read = collector<LogEntry>()
  const stop = await engine.log.read(idc, after, async (entries) => {
    for (const entry of entries) read.add(entry)
  })
  return { read, stop }
}

/** A service that the server may call. */
export const servedBy = (self = 'c1'): Service => ({ self, callers: ['server'] })

export const abortOf = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve())
  })

export const lostOf = (delivery: Delivery): Promise<void> => abortOf(delivery.lost)

export const withCode = (code: string) => (error: unknown) => {
  assert.ok(error instanceof Problem, `a Problem, not ${String(error)}`)
  assert.equal(error.code, code)
  return true
}

export const first = <T>(items: readonly T[]): T => {
  const [item] = items
  assert.ok(item !== undefined)
  return item
}

export const claimOf = (sliceId: string, by: string) => ({ sliceId, runId: 'run-1', by, at: 0 })
