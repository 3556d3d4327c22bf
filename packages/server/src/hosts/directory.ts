// Answers which hosts a selector means, and how each is reached: what runs, modules and trust ask of hosts.

import {
  type Access,
  type Host,
  type HostKeySeen,
  matchHosts,
  parseSelector,
  type TargetHost,
  unknownNames,
  varsOf,
} from '@omserver/core'
import { systemActor } from '../access/index.ts'
import { fingerprintOf } from '../fingerprint.ts'
import type { Services } from '../services.ts'
import type { Fleet } from './fleet.ts'
import type { FleetStore } from './fleet-store.ts'
import type { Keys, PinnedKeys } from './pinned-keys.ts'

export interface Selection {
  readonly hosts: readonly Host[]
  /** Names, addresses and labels written in the selector that no host has. */
  readonly unknown: readonly string[]
}

interface TargetOptions {
  /** Instead of each host's own; jump hosts keep theirs. */
  readonly credentialId?: string
}

export interface HostDirectory {
  /** In natural order of their names. */
  all(): Promise<readonly Host[]>
  /** Grows with every change of hosts, groups and keys. */
  rev(): Promise<number>
  /** Saved groups: name → selector. */
  groups(): Promise<ReadonlyMap<string, string>>
  /** Throws Problem SELECTOR_SYNTAX, GROUP_UNKNOWN, GROUP_CYCLE, SELECTOR_TOO_LARGE. */
  select(selector: string): Promise<Selection>
  byId(id: string): Promise<Host | undefined>
  byName(name: string): Promise<Host | undefined>
  targetOf(host: Host, options?: TargetOptions): Promise<TargetHost>
  /** In the order of `hosts`. Pinned keys are part of each access: a driver refuses any other before it sends. */
  targetsOf(hosts: readonly Host[], options?: TargetOptions): Promise<readonly TargetHost[]>
  /** Pins a key at first use; another key than the pinned one is kept beside it until it is accepted. */
  keySeen(event: Pick<HostKeySeen, 'address' | 'port' | 'hostKey'>): Promise<void>
}

export const selectOf = (fleet: Fleet, selector: string): Selection => {
  const parsed = parseSelector(selector)
  return {
    hosts: matchHosts(parsed, fleet.hosts, groupTexts(fleet), fleet.index),
    unknown: unknownNames(parsed, fleet.hosts, fleet.index),
  }
}

export const groupTexts = (fleet: Fleet): ReadonlyMap<string, string> =>
  new Map(fleet.groups.map(({ name, selector }) => [name, selector]))

export const hostDirectory = (
  services: Pick<Services, 'clock' | 'activity'>,
  store: FleetStore,
  keys: PinnedKeys,
): HostDirectory => {
  const targetsOf: HostDirectory['targetsOf'] = async (hosts, options = {}) => {
    const [fleet, pinned] = [await store.current(), await keys.current()]
    return hosts.map((host) => targetIn(fleet, pinned, host, options))
  }
  return {
    all: async () => (await store.current()).hosts,
    rev: async () => (await store.current()).rev + (await keys.current()).rev,
    groups: async () => groupTexts(await store.current()),
    select: async (selector) => selectOf(await store.current(), selector),
    byId: async (id) => (await store.current()).byId.get(id),
    byName: async (name) => (await store.current()).byName.get(name),
    targetOf: async (host, options) => {
      const [target] = await targetsOf([host], options)
      if (!target) throw new Error('a host has one target')
      return target
    },
    targetsOf,
    keySeen: async ({ address, port, hostKey }) => {
      const seen = await keys.seen({ address, port }, hostKey, services.clock.now())
      if (seen !== 'changed') return
      const { hosts } = await store.current()
      const names = hosts
        .filter((host) => host.address === address && host.port === port)
        .map(({ name }) => name)
      await services.activity.record(systemActor, {
        what: 'hosts.keyChanged',
        subject: names.slice(0, 5).join(', ') || `${address}:${port}`,
        hosts: names,
        after: { type: hostKey.type, fingerprint: fingerprintOf(hostKey.key) },
      })
    },
  }
}

const targetIn = (
  fleet: Fleet,
  pinned: Keys,
  host: Host,
  { credentialId }: TargetOptions,
): TargetHost => {
  const accessOf = (one: Host, credential: string | undefined): Access => {
    const key = pinned.at(one)
    return {
      address: one.address,
      port: one.port,
      credentialId: credential,
      hostKey: key && { type: key.type, key: key.key },
    }
  }
  return {
    hostId: host.id,
    name: host.name,
    access: accessOf(host, credentialId ?? host.credentialId),
    jumps: jumpsOf(fleet, host).map((jump) => accessOf(jump, jump.credentialId)),
    ...(host.driver === 'local' ? { isController: true as const } : {}),
    encoding: host.encoding,
    vars: varsOf(host),
  }
}

/** Outermost first. Ends at a host that is on the way already: a circle can only come from outside this server. */
const jumpsOf = (fleet: Fleet, host: Host): Host[] => {
  const chain: Host[] = []
  let next = host.jumpHostId
  while (next !== undefined) {
    const jump = fleet.byId.get(next)
    if (!jump || jump.id === host.id || chain.includes(jump)) break
    chain.unshift(jump)
    next = jump.jumpHostId
  }
  return chain
}
