// Detached hosts between controllers: who takes a slice over attaches to what runs, and two never begin it twice.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type HostOutput, Secret, type Slice, type SliceEvent } from '@omserver/core'
import { type Engine, embeddedEngine, type Lease } from '@omserver/engine'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Controller, startController } from '../controller.ts'
import { localDriver } from '../drivers/local/driver.ts'

const WAIT = { timeout: 15_000 }
let folder: string
let engine: Engine
let events: SliceEvent[]
let leases: Lease[]
let controllers: Controller[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'om-takeover-'))
  events = []
  leases = []
  controllers = []
  engine = embeddedEngine({ onLease: (lease) => leases.push(lease) })
  await engine.log.read('sz', 0, async (entries) => {
    events.push(...entries.map(({ event }) => event))
  })
})
afterEach(async () => {
  await Promise.all(controllers.map((one) => one.stop()))
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
})

const start = async (name: string): Promise<Controller> => {
  const silent = () => undefined
  const controller = await startController({
    engine,
    idcs: ['sz'],
    name,
    drivers: [localDriver({ secrets: { open: async () => new Secret('') }, spools: folder })],
    clock: { now: Date.now, monotonic: () => performance.now() },
    log: { info: silent, warn: silent, error: silent },
  })
  controllers.push(controller)
  return controller
}

const sliceOf = (more: Partial<Slice> = {}): Slice => ({
  sliceId: 's1',
  runId: 'r1',
  idc: 'sz',
  driver: 'local',
  batch: 0,
  attempt: 1,
  action: {
    kind: 'shell',
    command: [
      `echo x >>${folder}/`,
      { var: 'host.name' },
      `; echo one; while [ ! -e ${folder}/go ]; do sleep 0.1; done; echo two; exit 4`,
    ],
  },
  check: false,
  hosts: ['a', 'b'].map((name) => ({
    hostId: name,
    name,
    access: { address: '127.0.0.1', port: 22 },
    jumps: [],
    vars: { 'host.name': name },
  })),
  concurrency: 2,
  hostTimeoutMs: 120_000,
  connectTimeoutMs: 10_000,
  caps: { perHost: 1024 * 1024 },
  mask: [],
  detached: true,
  ...more,
})

const offer = async (slice: Slice): Promise<void> => {
  await engine.ensure('sz')
  await engine.queue.offer('sz', [slice])
}
const ofKind = <K extends SliceEvent['kind']>(kind: K) =>
  events.filter((event): event is Extract<SliceEvent, { kind: K }> => event.kind === kind)
const go = () => writeFileSync(join(folder, 'go'), '')

/** As the server keeps it: what is below the end of what it has is a repetition. */
const keptOf = (hostId: string): string => {
  let kept = Buffer.alloc(0)
  for (const { offset, bytes, ...of } of ofKind('host.output') as readonly HostOutput[]) {
    if (of.hostId !== hostId || offset + bytes.length <= kept.length) continue
    kept = Buffer.concat([kept.subarray(0, offset), bytes])
  }
  return kept.toString()
}

const expectWhole = async (): Promise<void> => {
  await expect.poll(() => ofKind('host.ended').length, WAIT).toBe(2)
  for (const { end, hostId } of ofKind('host.ended')) {
    expect([end.state, end.exit]).toEqual(['failed', 4])
    expect(keptOf(hostId)).toBe('one\ntwo\n')
    expect(readFileSync(join(folder, hostId), 'utf8')).toBe('x\n')
  }
  expect(ofKind('host.started')).toHaveLength(2)
}

test('a controller that loses its slice leaves the commands to the next, who attaches', async () => {
  await start('c1')
  await offer(sliceOf())
  await expect.poll(() => ofKind('host.output').length, WAIT).toBe(2)
  await start('c2')
  for (let taken = 1; taken <= 3; taken++) {
    leases.at(-1)?.expire()
    await expect.poll(() => ofKind('slice.claimed').length, WAIT).toBe(taken + 1)
  }
  go()
  await expectWhole()
})

test('a controller that stops, or drains, says nothing of what goes on', async () => {
  const one = await start('c1')
  await offer(sliceOf())
  await expect.poll(() => ofKind('host.output').length, WAIT).toBe(2)
  await one.stop()
  expect(ofKind('host.ended')).toEqual([])
  const two = await start('c2')
  await expect.poll(() => ofKind('slice.claimed').length, WAIT).toBe(2)
  await two.drain()
  expect(ofKind('host.ended')).toEqual([])
  await start('c3')
  go()
  await expectWhole()
})

test('hosts that are offered as started are attached to; the deadline counts from their beginning', async () => {
  await start('c1')
  await offer(sliceOf())
  await expect.poll(() => ofKind('host.output').length, WAIT).toBe(2)
  await controllers.pop()?.stop()
  await engine.queue.withdraw('sz', ['s1'])
  await start('c2')
  await offer(sliceOf({ sliceId: 's2', resume: true, hostTimeoutMs: 100 }))
  await expect.poll(() => ofKind('host.ended').length, WAIT).toBe(2)
  expect(ofKind('host.started')).toHaveLength(2)
  for (const { end, durationMs } of ofKind('host.ended')) {
    expect([end.state, end.reason, end.leftRunning]).toEqual(['timedOut', 'hostTimeout', 'no'])
    expect(durationMs).toBeGreaterThan(0)
  }
})

test('an abort reaches what was started before', async () => {
  await start('c1')
  await offer(sliceOf())
  await expect.poll(() => ofKind('host.output').length, WAIT).toBe(2)
  await controllers.pop()?.stop()
  await engine.intent.put('sz', 'run:r1', { want: 'abort', reason: 'byPerson' })
  await start('c2')
  await expect.poll(() => ofKind('host.ended').length, WAIT).toBe(2)
  for (const { end } of ofKind('host.ended')) {
    expect([end.state, end.leftRunning]).toEqual(['aborted', 'no'])
  }
})

test('a spool folder that is not ours is refused, and nothing runs', async () => {
  writeFileSync(join(folder, `omserver-${process.getuid?.()}`), '')
  await start('c1')
  await offer(sliceOf())
  await expect.poll(() => ofKind('host.ended').length, WAIT).toBe(2)
  for (const { end } of ofKind('host.ended')) {
    expect([end.state, end.reason]).toEqual(['failed', 'driverError'])
  }
})
