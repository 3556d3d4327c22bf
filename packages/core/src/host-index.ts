// Hosts by what people write of them, built once for a fleet and asked for every selector.

import type { SelectableHost } from './host.ts'
import { type Ip, ipKey, parseIp } from './ip.ts'

/** Positions are places in the array the index was made of. The index holds as long as that array does. */
export interface HostIndex {
  /** Positions of the hosts of this name. */
  named(name: string): readonly number[]
  /** Positions of the hosts that have this address: inside, outside, or as a name. `key` comes from `addressKey`. */
  at(key: string): readonly number[]
  hasLabel(label: string): boolean
}

/** The key an address is looked up by; IPv4 addresses have one spelling only, so their text will do. */
export const addressKey = (address: string): string => {
  if (!address.includes(':')) return address
  const ip = parseIp(address)
  if (!ip) return address
  return ip.length === 2
    ? ip.flatMap((group) => [group >> 8, group & 255]).join('.')
    : `v6 ${ipKey(ip)}`
}

/** Inside and outside address, where they are addresses and not names. */
export const ipsOf = (host: SelectableHost): Ip[] =>
  [host.address, host.outerAddress].flatMap((address) => {
    const ip = address === undefined ? undefined : parseIp(address)
    return ip ? [ip] : []
  })

const none: readonly number[] = []

/** One number for nearly all keys: 100,000 arrays of one element would cost more than the hosts' own names. */
type Places = Map<string, number | number[]>

const add = (places: Places, key: string, position: number): void => {
  const known = places.get(key)
  if (known === undefined) places.set(key, position)
  else if (Array.isArray(known)) {
    if (known.at(-1) !== position) known.push(position)
  } else if (known !== position) places.set(key, [known, position])
}

const read = (places: Places, key: string): readonly number[] => {
  const found = places.get(key)
  if (found === undefined) return none
  return Array.isArray(found) ? found : [found]
}

/** O(hosts); each part is made when it is first asked for. */
export const indexHosts = (hosts: readonly SelectableHost[]): HostIndex => {
  let names: Places | undefined
  let addresses: Places | undefined
  let labels: Set<string> | undefined
  const byName = (): Places => {
    const made: Places = new Map()
    for (const [position, { name }] of hosts.entries()) add(made, name, position)
    return made
  }
  const byAddress = (): Places => {
    const made: Places = new Map()
    for (const [position, { name, address, outerAddress }] of hosts.entries()) {
      add(made, addressKey(address), position)
      if (parseIp(name)) add(made, addressKey(name), position)
      if (outerAddress !== undefined) add(made, addressKey(outerAddress), position)
    }
    return made
  }
  return {
    named: (name) => {
      names ??= byName()
      return read(names, name)
    },
    at: (key) => {
      addresses ??= byAddress()
      return read(addresses, key)
    },
    hasLabel: (label) => {
      labels ??= new Set(hosts.flatMap((host) => Object.keys(host.labels)))
      return labels.has(label)
    },
  }
}
