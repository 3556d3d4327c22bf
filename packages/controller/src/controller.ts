// A controller: takes slices of runs from the engine and carries them out on hosts through its drivers.

import { availableParallelism, hostname, loadavg } from 'node:os'
import type { Clock } from '@omserver/core'
import {
  type After,
  type Engine,
  type Idc,
  realAfter,
  type SignedJson,
  type Stop,
} from '@omserver/engine'
import type { ControllerLog } from './controller-log.ts'
import type { ControllerSetting } from './controller-setting.ts'
import type { DirectDesk } from './direct/direct-desk.ts'
import type { Driver } from './driver.ts'
import { createFairQueue } from './fair-queue.ts'
import { createFlushTicker } from './flush-ticker.ts'
import { type IdcSite, openIdcSite } from './idc-site.ts'
import { createOutputBudgets } from './output-budget.ts'
import { createOutputRoom } from './output-room.ts'
import type { Refusals } from './refusals.ts'
import { createSliceRoom, endlessRoom } from './slice-room.ts'

/** Hosts, unless it is told otherwise. */
const DEFAULT_IN_FLIGHT = 2_000

/** Output that is not stored yet, of all hosts together. */
const UNSTORED_OUTPUT_BYTES = 16 * 1024 * 1024

/** A log that stores nothing any more must not keep the process from ending. */
const STOP_DEADLINE_MS = 10_000

export interface ControllerOptions {
  readonly engine: Engine
  /** `all-known`: every IDC the engine knows, and those it will come to know. */
  readonly idcs: readonly Idc[] | 'all-known'
  /** Unique among the controllers of an IDC. */
  readonly name: string
  readonly drivers: readonly Driver[]
  readonly clock: Clock
  readonly after?: After
  /** Hosts in flight at once, of all runs together. */
  readonly maxInFlight?: number
  /** Slices held at once. A run has its concurrency only when all its slices are held. */
  readonly maxSlices?: number
  readonly log: ControllerLog
  /** Of OMServer, for people. */
  readonly version?: string
  /** Its public key, for whoever enrols it. */
  readonly sealKey?: string
  /** Shows its certificate; absent: it has none. */
  readonly introduce?: (idc: Idc) => Promise<SignedJson>
  /** Where clients of the IDC come; absent: nobody begins runs there. */
  readonly direct?: Pick<DirectDesk, 'enter'>
  /** What it would not take for the server's word. */
  readonly refusals?: Pick<Refusals, 'present'>
}

export interface ControllerStats {
  readonly slices: number
  readonly inFlight: number
  /** Hosts that were taken up, and that are through, since the start of the controller. */
  readonly started: number
  readonly ended: number
  readonly outputBytes: number
}

export interface Controller {
  /** Takes and starts nothing more; resolves when what is in flight has ended and the rest is handed back. */
  drain(): Promise<void>
  /** Ends what is in flight now (those hosts are `lost`), hands back the rest, closes the drivers. */
  stop(): Promise<void>
  stats(): ControllerStats
}

export const startController = async (options: ControllerOptions): Promise<Controller> => {
  const { engine, idcs, log } = options
  const after = options.after ?? realAfter
  const maxSlices = options.maxSlices ?? 4_096
  const sites = new Map<Idc, Promise<IdcSite>>()
  const opened: IdcSite[] = []
  let stopping = false
  const slices = (): number => opened.reduce((sum, site) => sum + site.slices(), 0)
  const demand = (): number => opened.reduce((sum, site) => sum + site.demand(), 0)
  const maxInFlight = options.maxInFlight ?? DEFAULT_IN_FLIGHT
  const room =
    engine.kind === 'embedded' ? endlessRoom : createSliceRoom(options.clock, maxInFlight, demand)
  const setting: ControllerSetting = {
    engine,
    name: options.name,
    drivers: new Map(options.drivers.map((driver) => [driver.name, driver])),
    clock: options.clock,
    after,
    log,
    queue: createFairQueue(maxInFlight),
    ticker: createFlushTicker(after),
    room: createOutputRoom(UNSTORED_OUTPUT_BYTES),
    budgets: createOutputBudgets(),
    count: { started: 0, ended: 0, outputBytes: 0 },
    slots: () => (stopping ? 0 : Math.min(room.slots(), maxSlices - slices())),
    took: room.took,
    about: {
      version: options.version ?? '',
      host: hostname(),
      startedAt: options.clock.now(),
      ...(options.sealKey === undefined ? {} : { sealKey: options.sealKey }),
    },
    introduce: options.introduce,
    direct: options.direct,
    refused: () => options.refusals?.present(),
    load: () => (loadavg()[0] ?? 0) / availableParallelism(),
  }

  const open = async (idc: Idc): Promise<void> => {
    if (stopping || sites.has(idc)) return
    const site = openIdcSite(idc, setting)
    sites.set(idc, site)
    opened.push(await site)
  }
  const openLater = (idc: Idc): void => {
    open(idc).catch((error: unknown) => {
      sites.delete(idc)
      log.error({ idc, error }, 'the controller could not open this IDC')
    })
  }

  let stopWatch: Stop | undefined
  if (idcs === 'all-known') stopWatch = await engine.watchIdcs(openLater)
  else await Promise.all(idcs.map(open))
  await Promise.allSettled(sites.values())

  const drain = async (): Promise<void> => {
    stopping = true
    await stopWatch?.()
    await Promise.allSettled(sites.values())
    await Promise.all(opened.map((site) => site.drain()))
  }

  const end = async (): Promise<void> => {
    stopping = true
    await stopWatch?.()
    await Promise.allSettled(sites.values())
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const endDeadline = after(STOP_DEADLINE_MS, () => {
      log.error({ slices: slices() }, 'some hosts were still in flight when the controller stopped')
      resolve()
    })
    await Promise.race([Promise.all(opened.map((site) => site.leave())), late])
    endDeadline()
    await Promise.all(opened.map((site) => site.close()))
    await Promise.all(options.drivers.map((driver) => driver.close()))
  }

  let ended: Promise<void> | undefined
  return {
    drain,
    stop() {
      ended ??= end()
      return ended
    },
    stats: () => ({ slices: slices(), inFlight: setting.queue.inFlight(), ...setting.count }),
  }
}
