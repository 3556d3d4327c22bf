// A rig for tests of the controller: a real engine, timers by hand, and a driver that does what the test says.

import type { Action, HostEnd, HostEnded, Slice, SliceEvent, TargetHost } from '@omserver/core'
import { type After, type Engine, embeddedEngine, type Lease } from '@omserver/engine'
import { expect, onTestFinished } from 'vitest'
import { type Controller, type ControllerOptions, startController } from '../controller.ts'
import type { Driver, HostReport, HostWork } from '../driver.ts'

export const IDC = 'sz'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
export const turns = async (count: number): Promise<void> => {
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

export const fakeDriver = (carryOut: CarryOut): Driver => ({
  name: 'sim',
  capabilities: { leaves: ['shell', 'script'], abort: 'remote' },
  carryOut,
  health: async () => ({ ok: true, version: '0', problems: [] }),
  close: async () => undefined,
})

export const ok: HostEnd = { state: 'ok', exit: 0 }
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve())
  })

export const hostOf = (name: string): TargetHost => ({
  hostId: name,
  name,
  access: { address: '10.0.0.1', port: 22 },
  jumps: [],
  vars: { 'host.name': name },
})

export const hostsOf = (count: number, prefix = 'web'): readonly TargetHost[] =>
  Array.from({ length: count }, (_, index) => hostOf(`${prefix}-${index}`))

const command: Action = { kind: 'shell', command: ['true'] }

export const sliceOf = (
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

export const openRig = async (): Promise<Rig> => {
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
export const checkLog = (events: readonly SliceEvent[]): void => {
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

export const kindsOf = (events: readonly SliceEvent[], hostId: string): readonly string[] =>
  events.flatMap((event) => ('hostId' in event && event.hostId === hostId ? [event.kind] : []))
