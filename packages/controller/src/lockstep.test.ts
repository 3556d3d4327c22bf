// Hosts of a slice that go through leaves together.

import type { HostEnd, LeafAction, TargetHost } from '@omserver/core'
import { expect, test } from 'vitest'
import type { HostReport, HostWork, WorkTogether } from './driver.ts'
import { createLockstep, type Lockstep } from './lockstep.ts'

const hostOf = (name: string): TargetHost => ({
  hostId: name,
  name,
  access: { address: name, port: 22 },
  jumps: [],
  vars: {},
})

const report: HostReport = {
  started: async () => undefined,
  output: () => undefined,
  step: () => undefined,
  missed: () => undefined,
  elapsed: () => undefined,
  stored: Promise.resolve(true),
  keySeen: () => undefined,
}

const action: LeafAction = { kind: 'shell', command: ['true'] }
const { signal } = new AbortController()

const workOf = (name: string, step?: string): HostWork => ({
  runId: 'r',
  host: hostOf(name),
  action,
  connectTimeoutMs: 1_000,
  ...(step === undefined ? {} : { step, position: ['first', 'second', 'third'].indexOf(step) }),
})

/** Three hosts and the leaves that were carried out: `step: hosts`. */
const together = (carryOut: (work: WorkTogether) => Promise<void>) => {
  const seen: string[] = []
  const lockstep = createLockstep(
    async (work) => {
      seen.push(`${work.step ?? '-'}: ${work.members.map(({ host }) => host.name).join(' ')}`)
      await carryOut(work)
    },
    {
      sliceId: 's',
      concurrency: 2,
      hostIds: ['a', 'b', 'c'],
    },
  )
  return { lockstep, seen }
}

const ok = async ({ members }: WorkTogether): Promise<void> => {
  for (const member of members) member.end({ state: 'ok' })
}

const come = (lockstep: Lockstep, name: string, step?: string): Promise<HostEnd> =>
  lockstep.carryOut(workOf(name, step), report, signal)

test('nothing begins before all hosts are there, and then once for all', async () => {
  const { lockstep, seen } = together(ok)
  const ends = [come(lockstep, 'a'), come(lockstep, 'b')]
  await Promise.resolve()
  expect(seen).toEqual([])
  ends.push(come(lockstep, 'c'))
  expect(await Promise.all(ends)).toEqual([{ state: 'ok' }, { state: 'ok' }, { state: 'ok' }])
  expect(seen).toEqual(['-: a b c'])
})

test('a host that leaves before it comes is not waited for', async () => {
  const { lockstep, seen } = together(ok)
  const ends = [come(lockstep, 'a'), come(lockstep, 'b')]
  lockstep.leave('c')
  await Promise.all(ends)
  expect(seen).toEqual(['-: a b'])
})

test('hosts that skip a step wait for the others at the next, and go through it with them', async () => {
  const { lockstep, seen } = together(ok)
  const walk = async (name: string, steps: readonly string[]): Promise<void> => {
    for (const step of steps) await come(lockstep, name, step)
    lockstep.leave(name)
  }
  await Promise.all([
    walk('a', ['first', 'second', 'third']),
    walk('b', ['first', 'third']),
    walk('c', ['first']),
  ])
  expect(seen).toEqual(['first: a b c', 'second: a', 'third: a b'])
})

test('the ends that a driver forgot say so; those it gave stay', async () => {
  const { lockstep } = together(async ({ members }) => {
    members[0]?.end({ state: 'ok' })
    throw new Error('the tool crashed')
  })
  const ends = await Promise.all(['a', 'b', 'c'].map((name) => come(lockstep, name)))
  expect(ends[0]).toEqual({ state: 'ok' })
  expect(ends[1]).toEqual({ state: 'failed', reason: 'driverError', message: 'the tool crashed' })
  expect(ends[2]).toEqual(ends[1])
})

test('a host that is stopped while it waits ends at once, and nothing ran on it', async () => {
  const { lockstep, seen } = together(ok)
  const stop = new AbortController()
  const stopped = lockstep.carryOut(workOf('a'), report, stop.signal)
  const ends = [come(lockstep, 'b')]
  stop.abort('abort')
  expect(await stopped).toMatchObject({ state: 'failed', leftRunning: 'no' })
  lockstep.leave('a')
  ends.push(come(lockstep, 'c'))
  await Promise.all(ends)
  expect(seen).toEqual(['-: b c'])
})

test('no more at once than the slice allows, and than there are', async () => {
  const found: number[] = []
  const { lockstep } = together(async (work) => {
    found.push(work.concurrency)
    await ok(work)
  })
  await Promise.all(['a', 'b', 'c'].map((name) => come(lockstep, name)))
  lockstep.leave('b')
  lockstep.leave('c')
  await come(lockstep, 'a')
  expect(found).toEqual([2, 1])
})
