// Why hosts could not be reached, grouped, the most frequent first. Pure.

import type { HostState } from '@omserver/core'

/** Reasons the screen has advice for; all others are `other`. */
const knownReasons = [
  'refused',
  'noRoute',
  'dns',
  'connectTimeout',
  'authFailed',
  'hostKeyChanged',
  'noCredential',
  'noAgent',
  'jumpFailed',
  'handshakeFailed',
  'hostTimeout',
  'connectionCut',
  'exit',
  'runAsRefused',
  'loginForgotten',
  'controllerLost',
  'other',
] as const
type KnownReason = (typeof knownReasons)[number]

export interface ReasonGroup {
  readonly state: HostState
  readonly reason: KnownReason
  readonly hosts: number
  readonly names: readonly string[]
  readonly message: string | null
}

const known = (reason: string | null): KnownReason =>
  knownReasons.find((each) => each === reason) ?? 'other'

interface Silent {
  readonly state: HostState
  readonly reason: string | null
  readonly hosts: number
  readonly names: readonly string[]
  readonly message: string | null
}
interface Cluster {
  readonly state: HostState
  readonly hosts: number
  readonly names: readonly string[]
  readonly reason: string | null
  readonly message: string | null
  readonly sample: { readonly output: string }
}

/** From what gave no answer, and from answers that were not ok. */
export const reasonsOf = (
  silent: readonly Silent[],
  clusters: readonly Cluster[],
): readonly ReasonGroup[] => {
  const groups = new Map<string, ReasonGroup>()
  const add = (group: ReasonGroup) => {
    const key = `${group.state} ${group.reason}`
    const old = groups.get(key)
    groups.set(
      key,
      old === undefined
        ? group
        : { ...old, hosts: old.hosts + group.hosts, names: [...old.names, ...group.names] },
    )
  }
  for (const each of silent) {
    if (each.state !== 'ok') add({ ...each, reason: known(each.reason) })
  }
  for (const { state, hosts, names, reason, message, sample } of clusters) {
    if (state === 'ok') continue
    const said = sample.output.trim().split('\n').at(-1)?.slice(0, 300) ?? ''
    add({ state, reason: known(reason ?? 'exit'), hosts, names, message: said || message })
  }
  return [...groups.values()].sort((a, b) => b.hosts - a.hosts)
}
