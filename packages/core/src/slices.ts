// Cuts the hosts of a batch into slices for controllers, and shares out the run's concurrency.

import type { DriverName, TargetHost } from './host.ts'
import { Problem } from './problem.ts'
import { SLICE_MAX_BYTES, SLICE_MAX_HOSTS } from './slice.ts'

/**
 * A slice to be offered. `wave` says when: the slices of one wave may be under way together, their shares sum to
 * the run's limit or less. There is a second wave only when there are more slices than the limit allows.
 */
export interface SlicePlan {
  readonly idc: string
  readonly driver: DriverName
  readonly hosts: readonly TargetHost[]
  /** At least 1, at most the number of its hosts. */
  readonly concurrency: number
  readonly wave: number
}

export interface SlicedHost {
  readonly target: TargetHost
  readonly idc: string
  readonly driver: DriverName
}

/** The rest of a slice as JSON: ids, strategy, caps, masks. */
const ENVELOPE_BYTES = 4096

/**
 * Slices per IDC and driver, each of at most SLICE_MAX_HOSTS hosts and SLICE_MAX_BYTES of JSON, in the order in
 * which they should be offered. Shares within a wave sum to `concurrency`, or to the hosts of the wave if those
 * are fewer.
 *
 * With more slices than `concurrency`, every share is 1 and the rest waits: whoever offers may go wave by wave,
 * or, as all shares are then 1, offer the next slice whenever one has ended. Either way the limit holds.
 *
 * `whole`: one slice for all hosts of an IDC and driver, whatever their number.
 *
 * Throws Problem ACTION_TOO_LARGE {bytes, limit} when the action leaves no room for a host, or for all of a whole.
 */
export const cutSlices = (input: {
  readonly hosts: readonly SlicedHost[]
  readonly concurrency: number
  readonly actionBytes: number
  readonly whole?: boolean
}): readonly SlicePlan[] => {
  const limit = Math.max(1, Math.floor(input.concurrency))
  const room = SLICE_MAX_BYTES - ENVELOPE_BYTES - input.actionBytes
  const cutOne = input.whole ? keepGroup : cutGroup
  const cut = alternate(byIdcAndDriver(input.hosts).map((hosts) => cutOne(hosts, room)))
  const plans: SlicePlan[] = []
  for (let from = 0; from < cut.length; from += limit) {
    const wave = cut.slice(from, from + limit)
    const shares = shareOut(
      wave.map((hosts) => hosts.length),
      cut.length > limit ? wave.length : limit,
    )
    for (const [index, hosts] of wave.entries()) {
      const [first] = hosts
      if (!first) continue
      plans.push({
        idc: first.idc,
        driver: first.driver,
        hosts: hosts.map(({ target }) => target),
        concurrency: shares[index] ?? 1,
        wave: from / limit,
      })
    }
  }
  return plans
}

const byIdcAndDriver = (hosts: readonly SlicedHost[]): SlicedHost[][] => {
  const groups = new Map<string, SlicedHost[]>()
  for (const host of hosts) {
    const key = JSON.stringify([host.idc, host.driver])
    const group = groups.get(key)
    if (group) group.push(host)
    else groups.set(key, [host])
  }
  return [...groups.values()]
}

const encoder = new TextEncoder()
const bytesOf = (target: TargetHost): number => encoder.encode(JSON.stringify(target)).length + 1

const keepGroup = (hosts: readonly SlicedHost[], room: number): SlicedHost[][] => {
  const bytes = hosts.reduce((sum, { target }) => sum + bytesOf(target), 0)
  if (bytes > room) throw tooLarge(bytes, room)
  return [[...hosts]]
}

const tooLarge = (bytes: number, room: number): Problem =>
  new Problem('ACTION_TOO_LARGE', {
    bytes: SLICE_MAX_BYTES - room + bytes,
    limit: SLICE_MAX_BYTES,
  })

/** Slices of about the same size: a last one of two hosts would end early and leave its share unused. */
const cutGroup = (hosts: readonly SlicedHost[], room: number): SlicedHost[][] => {
  const count = Math.ceil(hosts.length / SLICE_MAX_HOSTS)
  const even = Math.ceil(hosts.length / count)
  const slices: SlicedHost[][] = []
  let current: SlicedHost[] = []
  let bytes = 0
  for (const host of hosts) {
    const size = bytesOf(host.target)
    if (size > room) throw tooLarge(size, room)
    if (current.length === even || (current.length > 0 && bytes + size > room)) {
      slices.push(current)
      current = []
      bytes = 0
    }
    current.push(host)
    bytes += size
  }
  if (current.length > 0) slices.push(current)
  return slices
}

/** One of each group in turn, so that every IDC begins at once. */
const alternate = <T>(groups: readonly (readonly T[])[]): T[] => {
  const longest = groups.reduce((most, group) => Math.max(most, group.length), 0)
  return Array.from({ length: longest }, (_, n) =>
    groups.flatMap((group) => group.slice(n, n + 1)),
  ).flat()
}

/**
 * Divides `limit` among slices of these sizes: in proportion, at least 1 and at most its size each. `limit` is at
 * least the number of slices.
 */
const shareOut = (sizes: readonly number[], limit: number): number[] => {
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (total <= limit) return [...sizes]
  const shares = sizes.map((size) => Math.max(1, Math.floor((size * limit) / total)))
  let left = limit - shares.reduce((sum, share) => sum + share, 0)
  // Small slices were rounded up to 1: the largest shares pay for it.
  const order = sizes.map((_, index) => index).sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0))
  while (left !== 0) {
    for (const index of order) {
      const share = shares[index] ?? 1
      if (left > 0 && share < (sizes[index] ?? 0)) {
        shares[index] = share + 1
        left -= 1
      } else if (left < 0 && share > 1) {
        shares[index] = share - 1
        left += 1
      }
    }
  }
  return shares
}
