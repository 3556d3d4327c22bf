// Data centres as network namespaces: a hub in the middle, which reaches each of them and forwards between none.

import { execFileSync } from 'node:child_process'

export interface Idc {
  readonly name: string
  /** `10.1`: its addresses begin so; the hub is there at .0.1. */
  readonly prefix: string
  /** Last parts of its own addresses: `0.11`. */
  readonly addresses: readonly string[]
}

export interface IdcNetwork {
  readonly hub: string
  namespaceOf(idc: string): string
  remove(): void
}

const ip = (...words: readonly string[]): void => {
  execFileSync('ip', words)
}

/** @param address of the hub, the same from everywhere */
export const makeIdcNetwork = (address: string, idcs: readonly Idc[]): IdcNetwork => {
  const namespaceOf = (name: string): string => `om-${process.pid}-${name}`
  const hub = namespaceOf('hub')
  const made: string[] = []
  const remove = (): void => {
    for (const name of made.splice(0)) ip('netns', 'delete', name)
    process.off('exit', remove)
  }
  process.once('exit', remove)
  const add = (name: string): void => {
    ip('netns', 'add', name)
    made.push(name)
    ip('-n', name, 'link', 'set', 'lo', 'up')
  }
  add(hub)
  ip('-n', hub, 'address', 'add', `${address}/32`, 'dev', 'lo')
  for (const { name, prefix, addresses } of idcs) {
    const there = namespaceOf(name)
    add(there)
    ip('-n', hub, 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', there)
    ip('-n', hub, 'address', 'add', `${prefix}.0.1/16`, 'dev', name)
    ip('-n', hub, 'link', 'set', name, 'up')
    for (const one of addresses)
      ip('-n', there, 'address', 'add', `${prefix}.${one}/16`, 'dev', 'eth0')
    ip('-n', there, 'link', 'set', 'eth0', 'up')
    ip('-n', there, 'route', 'add', 'default', 'via', `${prefix}.0.1`)
  }
  return { hub, namespaceOf, remove }
}
