// Hosts and slices that end before their work does: abort, stop, threshold, timeout, full disk.

import { describe, expect, test } from 'vitest'
import {
  aborted,
  checkLog,
  fakeDriver,
  hostOf,
  hostsOf,
  IDC,
  kindsOf,
  ok,
  openRig,
  sliceOf,
  turns,
} from './testing/controller-rig.ts'

describe('ending early', () => {
  const obedient = fakeDriver(async (work, report, signal) => {
    if (work.host.name.startsWith('far')) {
      await aborted(signal)
      return { state: 'unreachable', reason: 'connectTimeout' }
    }
    await report.started()
    if (work.host.name.startsWith('quick')) return ok
    await aborted(signal)
    return { state: 'failed', reason: 'signal', signal: 'SIGTERM', leftRunning: 'no' }
  })

  test('an abort ends hosts that are queued, connecting and running, and leaves ended ones alone', async () => {
    const rig = await openRig()
    await rig.start(obedient)
    const hosts = ['quick', 'far', 'slow', 'queued-1', 'queued-2'].map(hostOf)
    await rig.offer(sliceOf(hosts, { concurrency: 2 }))
    await rig.until((events) => kindsOf(events, 'slow').includes('host.started'))
    await rig.engine.intent.put(IDC, 'run:r1', { want: 'abort', reason: 'byPerson' })
    await rig.engine.intent.put(IDC, 'run:r1', { want: 'abort', reason: 'byPerson' })
    await rig.ended(5)
    const byPerson = { state: 'aborted', reason: 'byPerson', leftRunning: 'no' }
    expect(rig.ends()).toMatchObject({
      quick: { state: 'ok' },
      far: byPerson,
      slow: byPerson,
      'queued-1': byPerson,
      'queued-2': byPerson,
    })
    await rig.engine.intent.put(IDC, 'run:r1', { want: 'abort', reason: 'byPerson' })
    await turns(5)
    checkLog(rig.events)
    expect(rig.events.filter(({ kind }) => kind === 'host.ended')).toHaveLength(5)
    expect(await rig.engine.queue.depth(IDC)).toEqual({ waiting: 0, leased: 0 })
  })

  test('an abort by signal works before the board knows', async () => {
    const rig = await openRig()
    await rig.start(obedient)
    await rig.offer(sliceOf([hostOf('slow')]))
    await rig.until((events) => kindsOf(events, 'slow').includes('host.started'))
    rig.engine.bus.emit(IDC, 'run.abort', { runId: 'r1' })
    await rig.ended(1)
    expect(rig.ends().slow).toMatchObject({ state: 'aborted', reason: 'byPerson' })
  })

  test('a slice that comes after the abort of its run starts nothing', async () => {
    const rig = await openRig()
    await rig.start(obedient)
    await rig.engine.intent.put(IDC, 'run:r1', { want: 'abort', reason: 'runTimeout' })
    await rig.offer(sliceOf(hostsOf(3)))
    await rig.ended(3)
    expect(rig.events.filter(({ kind }) => kind === 'host.started')).toEqual([])
    expect(rig.ends()['web-0']).toEqual({
      state: 'timedOut',
      reason: 'runTimeout',
      leftRunning: 'no',
    })
  })

  test('the threshold stops what is not started; what is in flight goes on', async () => {
    const rig = await openRig()
    const finish = Promise.withResolvers<void>()
    await rig.start(
      fakeDriver(async (_work, report) => {
        await report.started()
        await finish.promise
        return ok
      }),
    )
    await rig.offer(sliceOf(hostsOf(5), { concurrency: 2 }))
    await rig.until((events) => events.filter(({ kind }) => kind === 'host.started').length === 2)
    await rig.engine.intent.put(IDC, 'run:r1', { want: 'stop', reason: 'threshold' })
    await rig.ended(3)
    finish.resolve()
    await rig.ended(5)
    expect(
      Object.values(rig.ends())
        .map(({ state, reason }) => reason ?? state)
        .sort(),
    ).toEqual(['ok', 'ok', 'threshold', 'threshold', 'threshold'])
  })

  test('a stop by a person ends what is not started and lets the rest finish', async () => {
    const rig = await openRig()
    const finish = Promise.withResolvers<void>()
    await rig.start(
      fakeDriver(async (work, report, signal) => {
        if (work.host.name === 'web-1') await aborted(signal)
        await report.started()
        await finish.promise
        return ok
      }),
    )
    await rig.offer(sliceOf(hostsOf(3), { concurrency: 2 }))
    await rig.until((events) => kindsOf(events, 'web-0').includes('host.started'))
    await turns(2)
    await rig.engine.intent.put(IDC, 'run:r1', { want: 'stop', reason: 'byPerson' })
    await rig.ended(2)
    finish.resolve()
    await rig.ended(3)
    const byPerson = { state: 'aborted', reason: 'byPerson', leftRunning: 'no' }
    expect(rig.ends()).toEqual({ 'web-0': ok, 'web-1': byPerson, 'web-2': byPerson })
  })

  test('a threshold that is set when a failure is committed lets no other host start', async () => {
    const rig = await openRig()
    await rig.engine.log.read(IDC, 0, async (entries) => {
      if (entries.some(({ event }) => event.kind === 'host.ended')) {
        await rig.engine.intent.put(IDC, 'run:r1', { want: 'stop', reason: 'threshold' })
      }
    })
    await rig.start(
      fakeDriver(async (_work, report) => {
        await report.started()
        return { state: 'failed', reason: 'exit', exit: 1 }
      }),
    )
    await rig.offer(sliceOf(hostsOf(10), { concurrency: 1 }))
    await rig.ended(10)
    expect(rig.events.filter(({ kind }) => kind === 'host.started')).toHaveLength(1)
  })

  test('a host that takes too long has timed out, counted from its start', async () => {
    const rig = await openRig()
    const reasons: unknown[] = []
    const connect = Promise.withResolvers<void>()
    await rig.start(
      fakeDriver(async (_work, report, signal) => {
        await connect.promise
        await report.started()
        await aborted(signal)
        reasons.push(signal.reason)
        return { state: 'lost', leftRunning: 'unknown' }
      }),
    )
    await rig.offer(sliceOf(hostsOf(1), { hostTimeoutMs: 500 }))
    await turns(10)
    rig.timers.pass(400)
    connect.resolve()
    await rig.until((events) => events.some(({ kind }) => kind === 'host.started'))
    await turns(2)
    rig.timers.pass(400)
    await turns(10)
    expect(rig.ends()).toEqual({})
    rig.timers.pass(100)
    await rig.ended(1)
    expect(reasons).toEqual(['timeout'])
    expect(rig.ends()['web-0']).toMatchObject({
      state: 'timedOut',
      reason: 'hostTimeout',
      leftRunning: 'unknown',
    })
    const [ended] = rig.events.filter((event) => event.kind === 'host.ended')
    expect(ended).toMatchObject({ durationMs: 500 })
  })

  test('a driver that does not obey is left behind, and what it says later is not heard', async () => {
    const rig = await openRig()
    const late = Promise.withResolvers<void>()
    const gone = Promise.withResolvers<void>()
    await rig.start(
      fakeDriver(async (_work, report) => {
        await report.started()
        await late.promise
        await report.output('stdout', Buffer.from('too late'))
        gone.resolve()
        return ok
      }),
    )
    await rig.offer(sliceOf(hostsOf(1)))
    await rig.until((events) => events.some(({ kind }) => kind === 'host.started'))
    rig.engine.bus.emit(IDC, 'run.abort', { runId: 'r1' })
    await turns(3)
    rig.timers.pass(5_000)
    await rig.ended(1)
    expect(rig.ends()['web-0']).toMatchObject({ state: 'aborted', leftRunning: 'unknown' })
    late.resolve()
    await gone.promise
    rig.timers.pass(1_000)
    await turns(5)
    checkLog(rig.events)
    expect(rig.events.at(-1)?.kind).toBe('host.ended')
  })

  test('while the disk is full an abort is remembered, and nothing is started', async () => {
    const rig = await openRig()
    const acted: string[] = []
    await rig.start(
      fakeDriver(async (work, report) => {
        await report.started()
        acted.push(work.host.name)
        return ok
      }),
    )
    const goOn = rig.holdCommits()
    await rig.offer(sliceOf(hostsOf(2)))
    await turns(10)
    await rig.engine.intent.put(IDC, 'run:r1', { want: 'abort', reason: 'byPerson' })
    goOn()
    await rig.ended(2)
    expect(acted).toEqual([])
    expect(rig.ends()['web-0']).toMatchObject({ state: 'aborted', leftRunning: 'no' })
    checkLog(rig.events)
  })
})
