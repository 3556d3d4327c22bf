// The controller between a real engine and a driver that does what the test says: hosts, steps, and any order of events.

import type { Action, HostEnd, TargetHost } from '@omserver/core'
import fc from 'fast-check'
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

describe('a host', () => {
  test('is started, prints and ends, in this order', async () => {
    const rig = await openRig()
    await rig.start(
      fakeDriver(async (_work, report) => {
        await report.started()
        await report.output('stdout', Buffer.from('hello\n'))
        await report.output('stderr', Buffer.from('careful\n'))
        return ok
      }),
    )
    await rig.offer(sliceOf(hostsOf(3)))
    await rig.ended(3)
    expect(kindsOf(rig.events, 'web-1')).toEqual([
      'host.started',
      'host.output',
      'host.output',
      'host.ended',
    ])
    checkLog(rig.events)
    await turns(5)
    expect(await rig.engine.queue.depth(IDC)).toEqual({ waiting: 0, leased: 0 })
  })

  test('is not touched before its start is durable', async () => {
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
    await turns(20)
    expect(acted).toEqual([])
    goOn()
    await rig.ended(2)
    expect(acted).toEqual(['web-0', 'web-1'])
  })

  test('is not touched when its start cannot become durable', async () => {
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
    await turns(20)
    const closed = rig.engine.close()
    await turns(5)
    goOn()
    await closed
    await turns(20)
    expect(acted).toEqual([])
    expect(rig.ends()).toEqual({})
  })

  test('whose driver throws, at once or later, has failed', async () => {
    const rig = await openRig()
    await rig.start(
      fakeDriver((work, report) => {
        if (work.host.name === 'web-0') throw new Error('thrown')
        return report.started().then(() => Promise.reject(new Error('rejected')))
      }),
    )
    await rig.offer(sliceOf(hostsOf(2)))
    await rig.ended(2)
    expect(rig.ends()).toEqual({
      'web-0': { state: 'failed', reason: 'driverError', message: 'thrown' },
      'web-1': { state: 'failed', reason: 'driverError', message: 'rejected' },
    })
  })

  test('that its driver ends as nobody asked for has failed', async () => {
    const rig = await openRig()
    await rig.start(fakeDriver(async () => ({ state: 'aborted' })))
    await rig.offer(sliceOf(hostsOf(1)))
    await rig.ended(1)
    expect(rig.ends()['web-0']).toMatchObject({ state: 'failed', reason: 'driverError' })
  })

  test('that lacks a variable fails before its driver hears of it', async () => {
    const rig = await openRig()
    const heard: string[] = []
    await rig.start(
      fakeDriver(async (work) => {
        heard.push(work.host.name)
        return ok
      }),
    )
    const action: Action = { kind: 'shell', command: ['echo ', { var: 'host.labels.app' }] }
    const [one, two] = hostsOf(2)
    const labelled = { ...two, vars: { 'host.labels.app': 'nginx' } } as TargetHost
    await rig.offer(sliceOf([one as TargetHost, labelled], { action }))
    await rig.ended(2)
    expect(rig.ends()['web-0']).toEqual({
      state: 'failed',
      reason: 'varUnset',
      message: 'host.labels.app',
    })
    expect(heard).toEqual(['web-1'])
    expect(kindsOf(rig.events, 'web-0')).toEqual(['host.ended'])
  })

  test('whose key was seen has that in the log', async () => {
    const rig = await openRig()
    const seen = { hop: 0, address: '10.0.0.1', port: 22, changed: false }
    await rig.start(
      fakeDriver(async (_work, report) => {
        report.keySeen({ ...seen, hostKey: { type: 'ssh-ed25519', key: 'AAAA' } })
        return { state: 'unreachable', reason: 'authFailed' }
      }),
    )
    await rig.offer(sliceOf(hostsOf(1)))
    await rig.ended(1)
    expect(rig.events.find((event) => event.kind === 'host.keySeen')).toMatchObject(seen)
  })

  test('gives an answer that does not depend on its own name, but on its exit and its words', async () => {
    const rig = await openRig()
    const says: Record<string, [string, number]> = {
      'web-0': ['web-0 is fine\n', 0],
      'web-1': ['web-1 is fine\n', 0],
      'web-2': ['web-2 is ill\n', 0],
      'web-3': ['web-3 is fine\n', 3],
    }
    await rig.start(
      fakeDriver(async (work, report) => {
        const [words, exit] = says[work.host.name] ?? ['', 0]
        await report.started()
        await report.output('stdout', Buffer.from(words))
        return exit === 0 ? { state: 'ok', exit } : { state: 'failed', reason: 'exit', exit }
      }),
    )
    await rig.offer(sliceOf(hostsOf(4)))
    await rig.ended(4)
    const answers = rig.events.flatMap((event) =>
      event.kind === 'host.ended' ? [[event.hostId, event.answer] as const] : [],
    )
    const answer = Object.fromEntries(answers)
    expect(answer['web-0']).toMatch(/^[0-9a-f]{32}$/)
    expect(answer['web-1']).toBe(answer['web-0'])
    expect(new Set(Object.values(answer)).size).toBe(3)
  })
})

describe('steps', () => {
  const step = (name: string, text: string, when?: object) => ({
    name,
    action: { kind: 'shell' as const, command: [text] },
    ...(when ? { when: { step: 'look', ...when } } : {}),
  })

  const runSteps = async (
    steps: readonly ReturnType<typeof step>[],
    answers: Record<string, HostEnd & { says?: string }>,
  ) => {
    const rig = await openRig()
    const carried: string[] = []
    await rig.start(
      fakeDriver(async ({ step: name = '' }, report) => {
        carried.push(name)
        await report.started()
        const { says, ...end } = answers[name] ?? { state: 'ok', exit: 0 }
        if (says) await report.output('stdout', Buffer.from(says))
        return end
      }),
    )
    await rig.offer(sliceOf(hostsOf(1), { action: { kind: 'steps', steps } }))
    await rig.ended(1)
    checkLog(rig.events)
    const told = rig.events.flatMap((event) =>
      event.kind === 'host.step' ? [`${event.index} ${event.name} ${event.state}`] : [],
    )
    return { carried, told, end: rig.ends()['web-0'], events: rig.events }
  }

  test('run in order, start the host once, and stop at the first that is not ok', async () => {
    const { carried, told, end, events } = await runSteps(
      [step('one', 'a'), step('two', 'b'), step('three', 'c')],
      { two: { state: 'failed', reason: 'exit', exit: 2 } },
    )
    expect(carried).toEqual(['one', 'two'])
    expect(told).toEqual(['0 one ok', '1 two failed'])
    expect(end).toEqual({ state: 'failed', reason: 'exit', exit: 2 })
    expect(events.filter(({ kind }) => kind === 'host.started')).toHaveLength(1)
  })

  test('run only when their condition holds', async () => {
    const { told, end } = await runSteps(
      [
        step('look', 'x'),
        step('if 1', 'x', { exit: [1] }),
        step('if 0', 'x', { exit: [0] }),
        step('if says', 'x', { outputIncludes: 'nginx' }),
        step('if says not', 'x', { outputIncludes: 'apache' }),
        step('if changed', 'x', { changed: true }),
        step('of unknown', 'x', { step: 'nobody', exit: [0] }),
      ],
      { look: { state: 'ok', exit: 0, changed: false, says: 'found nginx here' } },
    )
    expect(told).toEqual([
      '0 look ok',
      '1 if 1 skipped',
      '2 if 0 ok',
      '3 if says ok',
      '4 if says not skipped',
      '5 if changed skipped',
      '6 of unknown skipped',
    ])
    expect(end).toEqual({ state: 'ok', exit: 0, changed: false })
  })

  test('have changed the host when one of them has', async () => {
    const { end } = await runSteps([step('one', 'a'), step('two', 'b'), step('three', 'c')], {
      one: { state: 'ok', exit: 0, changed: true },
      two: { state: 'ok', exit: 0, changed: false },
    })
    expect(end).toEqual({ state: 'ok', exit: 0, changed: true })
  })

  test('make no host "unreachable" once one of them has acted', async () => {
    const cut: HostEnd = { state: 'unreachable', reason: 'refused' }
    const late = await runSteps([step('one', 'a'), step('two', 'b')], { two: cut })
    expect(late.end).toMatchObject({ state: 'failed', reason: 'refused' })
  })
})

test('whatever happens in whatever order, each host gets one end and the log has no gap', async () => {
  const happening = fc.oneof(
    fc.constant({ kind: 'abort' as const }),
    fc.constant({ kind: 'stop' as const }),
    fc.constant({ kind: 'expire' as const }),
    fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 6_000 }) }),
    fc.record({ kind: fc.constant('turns' as const), count: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ kind: fc.constant('finish' as const), host: fc.nat(9) }),
    fc.record({ kind: fc.constant('hold' as const), turns: fc.integer({ min: 1, max: 8 }) }),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 12 }),
      fc.array(fc.constantFrom('ok', 'throws', 'deaf', 'early', 'far'), {
        minLength: 10,
        maxLength: 10,
      }),
      async (happenings, concurrency, manners) => {
        const rig = await openRig()
        const finishes = hostsOf(10).map(() => Promise.withResolvers<void>())
        const driver = fakeDriver(async (work, report, signal) => {
          const index = Number(work.host.name.split('-')[1])
          const manner = manners[index]
          const finished = finishes[index]?.promise
          if (manner === 'far') {
            await Promise.race([finished, aborted(signal)])
            return { state: 'unreachable', reason: 'noRoute' }
          }
          if (manner !== 'early') await report.started()
          void report.output('stdout', Buffer.from('x'))
          if (manner === 'throws') throw new Error('broken')
          await (manner === 'deaf' ? finished : Promise.race([finished, aborted(signal)]))
          return ok
        })
        await rig.start(driver)
        await rig.offer(sliceOf(hostsOf(10), { concurrency }))
        for (const one of happenings) {
          switch (one.kind) {
            case 'abort':
              await rig.engine.intent.put(IDC, 'run:r1', { want: 'abort', reason: 'byPerson' })
              break
            case 'stop':
              await rig.engine.intent.put(IDC, 'run:r1', { want: 'stop', reason: 'threshold' })
              break
            case 'expire':
              rig.leases.at(-1)?.expire()
              break
            case 'pass':
              rig.timers.pass(one.ms)
              break
            case 'turns':
              await turns(one.count)
              break
            case 'finish':
              finishes[one.host]?.resolve()
              break
            case 'hold': {
              const goOn = rig.holdCommits()
              await turns(one.turns)
              goOn()
              break
            }
          }
        }
        for (const { resolve } of finishes) resolve()
        for (let round = 0; round < 50 && Object.keys(rig.ends()).length < 10; round++) {
          await turns(8)
          rig.timers.pass(6_000)
        }
        await turns(8)
        checkLog(rig.events)
        expect(Object.keys(rig.ends())).toHaveLength(10)
      },
    ),
    { numRuns: 60 },
  )
})
