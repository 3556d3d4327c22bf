// Decides which slices of a batch are offered now: no more than the run's concurrency, and of each IDC its share.

import {
  cutSlices,
  type DriverName,
  isWhole,
  type SlicePlan,
  type TargetHost,
} from '@omserver/core'
import type { ActiveRun } from './active-run.ts'
import { idcShares } from './shares.ts'

/**
 * Hosts cut at a time. Enough slices to keep an IDC's share busy while single hosts of them are slow; few enough
 * that neither memory nor the event loop feel a batch of 100,000.
 */
const WINDOW_HOSTS = 2_000

/** What is left to offer in one IDC. */
interface Line {
  readonly idc: string
  readonly positions: readonly number[]
  next: number
  readonly plans: SlicePlan[]
}

export type ReadTargets = (
  attempt: number,
  positions: readonly number[],
) => Promise<readonly TargetHost[]>

export class Offering {
  readonly #active: ActiveRun
  readonly #readTargets: ReadTargets
  readonly #isOpen: (idc: string) => boolean
  readonly #actionBytes: number
  readonly #whole: boolean
  readonly #lines: readonly Line[]

  /** Of the batch under way: hosts that wait and have not been offered. */
  constructor(active: ActiveRun, readTargets: ReadTargets, isOpen: (idc: string) => boolean) {
    this.#active = active
    this.#readTargets = readTargets
    this.#isOpen = isOpen
    this.#whole = active.run.action !== null && isWhole(active.run.action)
    this.#actionBytes = Buffer.byteLength(JSON.stringify(active.run.action))
    const lines = new Map<string, number[]>()
    for (const position of positionsOfBatch(active)) {
      const row = active.hosts[position]
      if (row?.state !== 'queued' || row.slice_id !== null) continue
      const line = lines.get(row.idc)
      if (line) line.push(position)
      else lines.set(row.idc, [position])
    }
    this.#lines = [...lines].map(([idc, positions]) => ({ idc, positions, next: 0, plans: [] }))
  }

  /** Whether hosts of the batch have not been offered yet. */
  get hasMore(): boolean {
    return this.#lines.some((line) => waitingIn(line) > 0)
  }

  /** The plan to offer next, with the concurrency it may have now; undefined: wait until hosts have ended. */
  async next(): Promise<SlicePlan | undefined> {
    const { strategy } = this.#active.run
    const used = new Map<string, number>()
    const open = this.#lines.filter((line) => this.#isOpen(line.idc))
    const left = new Map(open.map((line) => [line.idc, waitingIn(line)]))
    let inUse = 0
    for (const slice of this.#active.slices.values()) {
      // A slice with one slow host left holds one place, not the whole share it began with.
      const places = Math.min(slice.concurrency, slice.remaining)
      inUse += places
      used.set(slice.idc, (used.get(slice.idc) ?? 0) + places)
      left.set(slice.idc, (left.get(slice.idc) ?? 0) + slice.remaining)
    }
    const shares = idcShares(left, strategy.concurrency)
    for (const line of open) {
      const share = shares.get(line.idc) ?? 0
      const room = Math.min(share - (used.get(line.idc) ?? 0), strategy.concurrency - inUse)
      if (room < 1 || waitingIn(line) === 0) continue
      if (line.plans.length === 0) await this.#cut(line, share)
      const plan = line.plans[0]
      // Half of what it should have is worth beginning with; less would leave a long slice with a thin share.
      if (!plan || room * 2 < plan.concurrency) continue
      line.plans.shift()
      return { ...plan, concurrency: Math.min(room, plan.concurrency) }
    }
    return undefined
  }

  async #cut(line: Line, share: number): Promise<void> {
    const { hosts } = this.#active
    const attempt = hosts[line.positions[line.next] ?? -1]?.attempt ?? 1
    let end = line.next
    const most = this.#whole ? line.positions.length : line.next + WINDOW_HOSTS
    while (end < Math.min(line.positions.length, most)) {
      if (hosts[line.positions[end] ?? -1]?.attempt !== attempt) break
      end++
    }
    const window = line.positions.slice(line.next, end)
    const targets = await this.#readTargets(attempt, window)
    line.next = end
    line.plans.push(
      ...cutSlices({
        hosts: targets.map((target) => ({
          target,
          idc: line.idc,
          driver: this.#driverOf(target),
        })),
        concurrency: share,
        actionBytes: this.#actionBytes,
        whole: this.#whole,
      }),
    )
  }

  #driverOf(target: TargetHost): DriverName {
    const position = this.#active.positionOf.get(target.hostId)
    const row = position === undefined ? undefined : this.#active.hosts[position]
    if (!row) throw new Error(`run ${this.#active.id} has no host ${target.hostId}`)
    return row.driver as DriverName
  }
}

const waitingIn = (line: Line): number =>
  line.plans.reduce((sum, plan) => sum + plan.hosts.length, line.positions.length - line.next)

export const positionsOfBatch = function* (active: ActiveRun): Generator<number> {
  const { batches, batch } = active.run
  const from = batches.slice(0, batch).reduce((sum, size) => sum + size, 0)
  const to = from + (batches[batch] ?? 0)
  for (let position = from; position < to; position++) yield position
}
