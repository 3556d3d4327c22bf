// A slice that goes from one controller to another: lost leases, draining, stopping.

import { describe, expect, test } from 'vitest'
import {
  aborted,
  checkLog,
  fakeDriver,
  hostsOf,
  IDC,
  kindsOf,
  ok,
  openRig,
  sliceOf,
  turns,
} from './testing/controller-rig.ts'

describe('takeover', () => {
  test('a slice whose lease is lost is not written to any more, and the next holder tells the truth', async () => {
    const rig = await openRig()
    const first = fakeDriver(async (work, report, signal) => {
      await report.started()
      if (work.host.name === 'web-0') return ok
      await aborted(signal)
      await report.output('stdout', Buffer.alloc(20_000, 'behind the fence'))
      report.step({ index: 0, name: 'behind the fence', state: 'ok' })
      return ok
    })
    const second: string[] = []
    const one = await rig.start(first)
    await rig.offer(sliceOf(hostsOf(5), { concurrency: 2 }))
    await rig.until((events) => kindsOf(events, 'web-2').includes('host.started'))
    // web-0 has ended, web-1 and web-2 are started, web-3 and web-4 are not.
    void one.drain()
    await turns(2)
    await rig.start(
      fakeDriver(async (work, report) => {
        await report.started()
        second.push(work.host.name)
        return ok
      }),
      { name: 'c2' },
    )
    rig.leases.at(-1)?.expire()
    await rig.ended(5)
    expect(second).toEqual(['web-3', 'web-4'])
    const lost = { state: 'lost', reason: 'controllerLost' }
    expect(rig.ends()).toEqual({
      'web-0': ok,
      'web-1': lost,
      'web-2': lost,
      'web-3': ok,
      'web-4': ok,
    })
    await turns(10)
    const late = rig.events.filter(({ kind }) => kind === 'host.output' || kind === 'host.step')
    expect(late).toEqual([])
    checkLog(rig.events)
    const [claim, takeover] = rig.events.filter(({ kind }) => kind === 'slice.claimed')
    expect([claim?.by, takeover?.by]).toEqual(['c1', 'c2'])
  })

  test('a slice that comes back to the controller that still winds it down is not run twice at once', async () => {
    const rig = await openRig()
    const acted: string[] = []
    const wound = Promise.withResolvers<void>()
    await rig.start(
      fakeDriver(async (work, report, signal) => {
        await report.started()
        acted.push(work.host.name)
        await aborted(signal)
        await wound.promise
        return ok
      }),
    )
    await rig.offer(sliceOf(hostsOf(2)))
    await rig.until((events) => kindsOf(events, 'web-1').includes('host.started'))
    await turns(2)
    rig.leases.at(-1)?.expire()
    await turns(10)
    expect(rig.events.filter(({ kind }) => kind === 'slice.claimed')).toHaveLength(1)
    wound.resolve()
    await turns(10)
    expect(await rig.engine.queue.depth(IDC)).toEqual({ waiting: 1, leased: 0 })
    expect(acted).toEqual(['web-0', 'web-1'])
  })

  test('a controller that drains ends what is in flight and hands the rest to another', async () => {
    const rig = await openRig()
    const finish = Promise.withResolvers<void>()
    const by: Record<string, string> = {}
    const slow = fakeDriver(async (work, report) => {
      await report.started()
      by[work.host.name] = 'c1'
      await finish.promise
      return ok
    })
    const one = await rig.start(slow)
    await rig.offer(sliceOf(hostsOf(4), { concurrency: 2 }))
    await rig.until((events) => kindsOf(events, 'web-1').includes('host.started'))
    const drained = one.drain()
    await rig.start(
      fakeDriver(async (work, report) => {
        await report.started()
        by[work.host.name] = 'c2'
        return ok
      }),
      { name: 'c2' },
    )
    finish.resolve()
    await drained
    await rig.ended(4)
    expect(by).toEqual({ 'web-0': 'c1', 'web-1': 'c1', 'web-2': 'c2', 'web-3': 'c2' })
    checkLog(rig.events)
  })

  test('a controller that stops says what is lost, and leaves what it did not start', async () => {
    const rig = await openRig()
    const one = await rig.start(
      fakeDriver(async (work, report, signal) => {
        if (work.host.name === 'web-1') await aborted(signal)
        await report.started()
        await aborted(signal)
        return { state: 'failed', reason: 'signal', signal: 'SIGTERM', leftRunning: 'no' }
      }),
    )
    await rig.offer(sliceOf(hostsOf(3), { concurrency: 2 }))
    await rig.until((events) => kindsOf(events, 'web-0').includes('host.started'))
    await turns(2)
    await one.stop()
    await turns(2)
    expect(rig.ends()).toEqual({
      'web-0': { state: 'lost', reason: 'controllerLost', leftRunning: 'no' },
    })
    expect(await rig.engine.queue.depth(IDC)).toEqual({ waiting: 1, leased: 0 })
    expect([...(await rig.engine.presence.all(IDC)).keys()]).toEqual([])
  })
})
