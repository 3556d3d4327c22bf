// The controller between a real engine and a driver that does what the test says.

import type {
  Action,
  HostEnd,
  HostEnded,
  HostOutput,
  Slice,
  SliceEvent,
  TargetHost,
} from '@omserver/core'
import { type After, type Engine, embeddedEngine, type Lease } from '@omserver/engine'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Controller, type ControllerOptions, startController } from './controller.ts'
import type { Driver, HostReport, HostWork } from './driver.ts'

const IDC = 'sz'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const turns = async (count: number): Promise<void> => {
  for (let index = 0; index < count; index++) await turn()
}

/** Timers of the controller that fire when the test says so. */
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
    clock: { now: () => now, monotonic: () => now },
    pass(ms: number): void {
      now += ms
      const due = timers.filter((timer) => timer.at <= now)
      timers = timers.filter((timer) => timer.at > now)
      for (const timer of due) timer.run()
    },
  }
}

type CarryOut = (work: HostWork, report: HostReport, signal: AbortSignal) => Promise<HostEnd>

const fakeDriver = (carryOut: CarryOut): Driver => ({
  name: 'sim',
  capabilities: { leaves: ['shell', 'script'], abort: 'remote' },
  carryOut,
  health: async () => ({ ok: true, version: '0', problems: [] }),
  close: async () => undefined,
})

const ok: HostEnd = { state: 'ok', exit: 0 }
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve())
  })

const hostOf = (name: string): TargetHost => ({
  hostId: name,
  name,
  access: { address: '10.0.0.1', port: 22 },
  jumps: [],
  vars: { 'host.name': name },
})

const hostsOf = (count: number, prefix = 'web'): readonly TargetHost[] =>
  Array.from({ length: count }, (_, index) => hostOf(`${prefix}-${index}`))

const command: Action = { kind: 'shell', command: ['true'] }

const sliceOf = (
  hosts: readonly TargetHost[],
  more: Partial<Slice> & { readonly sliceId?: string } = {},
): Slice => ({
  sliceId: 's1',
  runId: 'r1',
  idc: IDC,
  driver: 'sim',
  batch: 0,
  attempt: 1,
  action: command,
  check: false,
  hosts,
  concurrency: 100,
  hostTimeoutMs: 1_000,
  connectTimeoutMs: 1_000,
  caps: { perHost: 1024 * 1024 },
  mask: ['self'],
  ...more,
})

interface Rig {
  readonly engine: Engine
  readonly events: SliceEvent[]
  readonly leases: Lease[]
  readonly timers: ReturnType<typeof manualTimers>
  readonly errors: string[]
  start(driver: Driver, more?: Partial<ControllerOptions>): Promise<Controller>
  offer(...slices: readonly Slice[]): Promise<void>
  /** Resolves when the log holds what is asked for. */
  until(holds: (events: readonly SliceEvent[]) => boolean): Promise<void>
  ended(count: number): Promise<void>
  ends(): Record<string, HostEnd>
  /** The reader commits nothing until it is told to go on. */
  holdCommits(): () => void
}

const openRig = async (): Promise<Rig> => {
  const timers = manualTimers()
  const leases: Lease[] = []
  const engine = embeddedEngine({
    after: timers.after,
    onLease: (lease) => leases.push(lease),
  })
  const events: SliceEvent[] = []
  const errors: string[] = []
  let waiting: (() => void)[] = []
  let held: Promise<void> | undefined
  await engine.log.read(IDC, 0, async (entries) => {
    if (held) await held
    events.push(...entries.map((entry) => entry.event))
    for (const wake of waiting.splice(0)) wake()
  })
  const controllers: Controller[] = []
  onTestFinished(async () => {
    await Promise.all(controllers.map((controller) => controller.stop()))
    await engine.close()
  })
  const until = async (holds: (events: readonly SliceEvent[]) => boolean): Promise<void> => {
    while (!holds(events)) await new Promise<void>((resolve) => (waiting = [...waiting, resolve]))
  }
  const endEvents = (): readonly HostEnded[] =>
    events.filter((event) => event.kind === 'host.ended')
  return {
    engine,
    events,
    leases,
    timers,
    errors,
    async start(driver, more = {}) {
      const controller = await startController({
        engine,
        idcs: [IDC],
        name: 'c1',
        drivers: [driver],
        clock: timers.clock,
        after: timers.after,
        log: {
          info: () => undefined,
          warn: (_details, message) => errors.push(message),
          error: (_details, message) => errors.push(message),
        },
        ...more,
      })
      controllers.push(controller)
      return controller
    },
    offer: (...slices) => engine.queue.offer(IDC, slices),
    until,
    ended: (count) => until(() => endEvents().length >= count),
    ends: () => Object.fromEntries(endEvents().map((event) => [event.hostId, event.end])),
    holdCommits() {
      const { promise, resolve } = Promise.withResolvers<void>()
      held = promise
      return () => {
        held = undefined
        resolve()
      }
    },
  }
}

/** What must hold of any log, whatever happened. */
const checkLog = (events: readonly SliceEvent[]): void => {
  const ended = new Set<string>()
  const last = new Map<string, number>()
  for (const event of events) {
    const claim = `${event.sliceId} ${event.fence}`
    expect(event.n, `gapless in ${claim}`).toBe(
      event.kind === 'slice.claimed' ? 0 : (last.get(claim) ?? 0) + 1,
    )
    last.set(claim, event.n)
    if (!('hostId' in event) || event.hostId === undefined) continue
    const host = `${event.runId} ${event.hostId}`
    expect(ended.has(host), `nothing after the end of ${host}`).toBe(false)
    if (event.kind === 'host.ended') ended.add(host)
  }
}

const kindsOf = (events: readonly SliceEvent[], hostId: string): readonly string[] =>
  events.flatMap((event) => ('hostId' in event && event.hostId === hostId ? [event.kind] : []))

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
  })
})

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

describe('output', () => {
  const outputs = (events: readonly SliceEvent[]): readonly HostOutput[] =>
    events.filter((event) => event.kind === 'host.output')

  test('beyond the cap is drained: head, tail, and the count', async () => {
    const rig = await openRig()
    const lines = Array.from({ length: 10_000 }, (_, index) => `line ${index}\n`).join('')
    await rig.start(
      fakeDriver(async (_work, report) => {
        await report.started()
        for (let at = 0; at < lines.length; at += 1000) {
          await report.output('stdout', Buffer.from(lines.slice(at, at + 1000)))
        }
        return ok
      }),
    )
    await rig.offer(sliceOf(hostsOf(1), { caps: { perHost: 20_000 } }))
    await rig.ended(1)
    const kept = outputs(rig.events)
    const text = Buffer.concat(kept.map((event) => event.bytes)).toString()
    expect(text).toBe(lines.slice(0, 10_000) + lines.slice(-10_000))
    let offset = 0
    for (const event of kept) {
      expect(event.offset).toBe(offset)
      offset += event.bytes.length
    }
    const [ended] = rig.events.filter((event) => event.kind === 'host.ended')
    expect(ended).toMatchObject({ outputBytes: lines.length, truncated: true })
  })

  test('of many small pieces goes out together, after at most 50 ms', async () => {
    const rig = await openRig()
    const finish = Promise.withResolvers<void>()
    const said = Promise.withResolvers<void>()
    await rig.start(
      fakeDriver(async (_work, report) => {
        await report.started()
        for (let index = 0; index < 100; index++) {
          await report.output('stdout', Buffer.from(`${index} `))
        }
        said.resolve()
        await finish.promise
        return ok
      }),
    )
    await rig.offer(sliceOf(hostsOf(1)))
    await said.promise
    await turns(3)
    expect(outputs(rig.events)).toEqual([])
    rig.timers.pass(50)
    await rig.until((events) => outputs(events).length > 0)
    expect(outputs(rig.events)).toHaveLength(1)
    finish.resolve()
    await rig.ended(1)
  })

  test('waits for a slow reader, and the end is not lost by it', async () => {
    const rig = await openRig()
    const waits: number[] = []
    const sent = Promise.withResolvers<void>()
    await rig.start(
      fakeDriver(async (_work, report) => {
        await report.started()
        sent.resolve()
        for (let index = 0; index < 40; index++) {
          const room = report.output('stdout', new Uint8Array(1024 * 1024))
          if (room) waits.push(index)
          await room
        }
        return ok
      }),
    )
    await rig.offer(sliceOf(hostsOf(1), { caps: { perHost: 100 * 1024 * 1024 } }))
    await sent.promise
    const goOn = rig.holdCommits()
    await turns(20)
    expect(waits).toEqual([16])
    expect(rig.ends()).toEqual({})
    goOn()
    await rig.ended(1)
    const bytes = outputs(rig.events).reduce((sum, event) => sum + event.bytes.length, 0)
    expect(bytes).toBe(40 * 1024 * 1024)
    checkLog(rig.events)
  })
})

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
