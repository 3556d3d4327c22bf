// Whose turn it is: how a controller shares its places between runs, slices and IDCs.

import type { Action } from '@omserver/core'
import { describe, expect, test } from 'vitest'
import type { HostWork } from './driver.ts'
import { fakeDriver, hostsOf, IDC, ok, openRig, sliceOf, turns } from './testing/controller-rig.ts'

describe('turns', () => {
  const gated = () => {
    const running: { readonly work: HostWork; readonly finish: () => void }[] = []
    let most = 0
    const driver = fakeDriver(async (work, report) => {
      await report.started()
      const { promise, resolve } = Promise.withResolvers<void>()
      const one = { work, finish: resolve }
      running.push(one)
      most = Math.max(most, running.length)
      await promise
      running.splice(running.indexOf(one), 1)
      return ok
    })
    return { driver, running, most: () => most }
  }

  test('fifty runs all progress from the start', async () => {
    const rig = await openRig()
    const { driver, running } = gated()
    await rig.start(driver, { maxInFlight: 50 })
    const slices = Array.from({ length: 50 }, (_, index) =>
      sliceOf(hostsOf(20, `r${index}`), { sliceId: `s${index}`, runId: `r${index}` }),
    )
    await rig.offer(...slices)
    await rig.until((events) => events.filter(({ kind }) => kind === 'host.started').length === 50)
    await turns(5)
    expect(new Set(running.map(({ work }) => work.runId)).size).toBe(50)
    let done = 0
    while (done < 1000) {
      for (const { finish } of [...running]) finish()
      await turns(3)
      done = Object.keys(rig.ends()).length
    }
    const firstHundred = rig.events.filter(({ kind }) => kind === 'host.started').slice(0, 100)
    expect(new Set(firstHundred.map(({ runId }) => runId)).size).toBe(50)
  })

  test('a short run that comes late does not wait for a long one', async () => {
    const rig = await openRig()
    const { driver, running } = gated()
    await rig.start(driver, { maxInFlight: 2 })
    await rig.offer(sliceOf(hostsOf(200), { runId: 'long', sliceId: 'long' }))
    await rig.until((events) => events.some(({ kind }) => kind === 'host.started'))
    await rig.offer(sliceOf(hostsOf(1, 'late'), { runId: 'late', sliceId: 'late' }))
    let rounds = 0
    while (rig.ends()['late-0'] === undefined) {
      rounds++
      for (const { finish } of [...running]) finish()
      await turns(5)
    }
    expect(rounds).toBeLessThan(5)
    expect(Object.keys(rig.ends()).length).toBeLessThan(15)
    for (let done = 0; done < 201; done = Object.keys(rig.ends()).length) {
      for (const { finish } of [...running]) finish()
      await turns(3)
    }
  })

  test('a run of many slices gets no more turns than a run of one', async () => {
    const rig = await openRig()
    const { driver, running } = gated()
    await rig.start(driver, { maxInFlight: 2 })
    const many = Array.from({ length: 10 }, (_, index) =>
      sliceOf(hostsOf(4, `m${index}`), { runId: 'many', sliceId: `m${index}` }),
    )
    await rig.offer(...many, sliceOf(hostsOf(4, 'one'), { runId: 'one', sliceId: 'one' }))
    await rig.until((events) => events.some(({ kind }) => kind === 'host.started'))
    for (let done = 0; done < 44; done = Object.keys(rig.ends()).length) {
      for (const { finish } of [...running]) finish()
      await turns(4)
    }
    const order = rig.events.filter(({ kind }) => kind === 'host.ended').map(({ runId }) => runId)
    expect(order.slice(0, 12).filter((runId) => runId === 'one')).toHaveLength(4)
  })

  test('a slice keeps to its share, and all slices to the limit', async () => {
    const rig = await openRig()
    const { driver, running, most } = gated()
    const seen = new Map<string, number>()
    await rig.start(driver, { maxInFlight: 5 })
    await rig.offer(
      sliceOf(hostsOf(20, 'a'), { sliceId: 'a', runId: 'a', concurrency: 2 }),
      sliceOf(hostsOf(20, 'b'), { sliceId: 'b', runId: 'b', concurrency: 50 }),
    )
    for (let done = 0; done < 40; done = Object.keys(rig.ends()).length) {
      await turns(3)
      const a = running.filter(({ work }) => work.runId === 'a').length
      seen.set('a', Math.max(a, seen.get('a') ?? 0))
      for (const { finish } of [...running]) finish()
    }
    expect(seen.get('a')).toBe(2)
    expect(most()).toBe(5)
  })

  test('a slice without hosts is done at once', async () => {
    const rig = await openRig()
    await rig.start(fakeDriver(async () => ok))
    await rig.offer(sliceOf([]))
    await rig.until((events) => events.length > 0)
    await turns(5)
    expect(await rig.engine.queue.depth(IDC)).toEqual({ waiting: 0, leased: 0 })
  })

  test('what no driver can carry out is skipped, with the reason', async () => {
    const rig = await openRig()
    await rig.start(fakeDriver(async () => ok))
    const copy: Action = { kind: 'copy', source: { text: '' }, dest: '/x' }
    await rig.offer(
      sliceOf(hostsOf(1, 'a'), { sliceId: 'a', driver: 'ssh' }),
      sliceOf(hostsOf(1, 'b'), { sliceId: 'b', action: copy }),
    )
    await rig.ended(2)
    expect(rig.ends()).toMatchObject({
      'a-0': { state: 'skipped', reason: 'capability' },
      'b-0': { state: 'skipped', reason: 'capability' },
    })
  })

  test('a controller of all IDCs serves those that become known later', async () => {
    const rig = await openRig()
    await rig.start(
      fakeDriver(async () => ok),
      { idcs: 'all-known' },
    )
    const ended = Promise.withResolvers<void>()
    await rig.engine.log.read('bj', 0, async (entries) => {
      if (entries.some(({ event }) => event.kind === 'host.ended')) ended.resolve()
    })
    await rig.engine.queue.offer('bj', [sliceOf(hostsOf(1), { idc: 'bj' })])
    await ended.promise
    expect([...(await rig.engine.presence.all('bj')).keys()]).toEqual(['controller:c1'])
    // It can be called there, too.
    expect(await rig.engine.bus.call('bj', 'ping', null, { to: 'c1' })).toBe(null)
  })
})
