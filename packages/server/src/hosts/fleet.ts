// The whole fleet as it is at one moment: every question about hosts is answered from one of these.

import { type HostIndex, indexHosts } from '@omserver/core'
import type { StoredGroup } from './group-table.ts'
import type { StoredHost } from './table.ts'

export interface Fleet {
  readonly rev: number
  /** In natural order of their names: web-2 before web-10. */
  readonly hosts: readonly StoredHost[]
  readonly byId: ReadonlyMap<string, StoredHost>
  readonly byName: ReadonlyMap<string, StoredHost>
  /** What selectors look hosts up by. */
  readonly index: HostIndex
  readonly groups: readonly StoredGroup[]
}

export interface FleetChange {
  /** New hosts, and hosts as they are from now on. */
  readonly put?: readonly StoredHost[]
  /** Ids. */
  readonly remove?: readonly string[]
  readonly putGroup?: StoredGroup
  readonly removeGroup?: string
}

export const fleetOf = (
  rev: number,
  hosts: readonly StoredHost[],
  groups: readonly StoredGroup[],
): Fleet => {
  const sorted = inOrder(hosts)
  return {
    rev,
    hosts: sorted,
    byId: new Map(sorted.map((host) => [host.id, host])),
    byName: new Map(sorted.map((host) => [host.name, host])),
    index: indexHosts(sorted),
    groups: groups.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  }
}

/** Hosts that did not change stay the same objects, so that what is remembered of them holds. */
export const fleetAfter = (fleet: Fleet, rev: number, change: FleetChange): Fleet => {
  const { put = [], remove = [], putGroup, removeGroup } = change
  const gone = new Set([...remove, ...put.map((host) => host.id)])
  const hosts =
    gone.size === 0 ? fleet.hosts : [...fleet.hosts.filter((host) => !gone.has(host.id)), ...put]
  const goneGroup = putGroup?.id ?? removeGroup
  const groups = fleet.groups.filter((group) => group.id !== goneGroup)
  if (putGroup) groups.push(putGroup)
  return fleetOf(rev, hosts, groups)
}

/** Sorts names as people count: figures compare as numbers. */
const nameKey = (name: string): string =>
  name.toLowerCase().replace(/\d+/g, (figures) => figures.padStart(12, '0'))

/** A change of one host must not work out the keys of 100,000 again. */
const keys = new WeakMap<StoredHost, string>()
const keyOf = (host: StoredHost): string => {
  const known = keys.get(host)
  if (known !== undefined) return known
  const key = nameKey(host.name)
  keys.set(host, key)
  return key
}

const inOrder = (hosts: readonly StoredHost[]): StoredHost[] =>
  hosts.toSorted((a, b) => compare(keyOf(a), keyOf(b)) || compare(a.name, b.name))

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Index of the first host that comes after this name, whether or not a host has it. */
export const indexAfter = (hosts: readonly StoredHost[], name: string): number => {
  const key = nameKey(name)
  let from = 0
  let to = hosts.length
  while (from < to) {
    const middle = (from + to) >> 1
    const other = hosts[middle]
    if (other && (compare(keyOf(other), key) || compare(other.name, name)) <= 0) from = middle + 1
    else to = middle
  }
  return from
}
