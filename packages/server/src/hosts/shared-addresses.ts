// One address under several names: what a list read the wrong way looks like, so an import warns of it. Pure.

import type { StoredHost } from './table.ts'

interface SharedAddress {
  readonly address: string
  readonly port: number
  readonly names: string[]
}

const MOST = 100
const MOST_NAMES = 20

/**
 * Those that `planned` brings about or leaves, among themselves and with the rest of the fleet. Another port or
 * another jump host is another machine; only hosts reached by SSH are reached by their address.
 */
export const sharedAddresses = (
  planned: readonly StoredHost[],
  fleet: readonly StoredHost[],
): SharedAddress[] => {
  const touched = new Set(planned.map(({ id }) => id))
  const byPlace = new Map<string, StoredHost[]>()
  const wanted = new Set(planned.map(placeOf))
  for (const host of [...planned, ...fleet.filter(({ id }) => !touched.has(id))]) {
    const place = placeOf(host)
    if (host.driver !== 'ssh' || !wanted.has(place)) continue
    const others = byPlace.get(place)
    if (others === undefined) byPlace.set(place, [host])
    else others.push(host)
  }
  return [...byPlace.values()]
    .filter((hosts) => hosts.length > 1)
    .slice(0, MOST)
    .map((hosts) => ({
      address: hosts[0]?.address ?? '',
      port: hosts[0]?.port ?? 22,
      names: hosts.slice(0, MOST_NAMES).map(({ name }) => name),
    }))
}

const placeOf = ({ address, port, jumpHostId }: StoredHost): string =>
  `${address} ${port} ${jumpHostId ?? ''}`
