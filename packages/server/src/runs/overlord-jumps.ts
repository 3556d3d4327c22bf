// Hosts that only their overlord's func-transmit reaches: the way to it stands in the target as jump hosts do, so that
// its pinned key is frozen with the run and its login travels in the slice.

import { type Host, Problem, type TargetHost } from '@omserver/core'
import type { RunEndpoints, RunHosts } from './ports.ts'

/** Name of the overlord; undefined: the hosts of this endpoint are reached directly. */
const overlordOf = async (
  endpoints: RunEndpoints,
  id: string,
): Promise<{ readonly endpoint: string; readonly overlord: string } | undefined> => {
  const { kind, name, settings } = await endpoints.open(id)
  if (kind !== 'func' || settings['mode'] !== 'transmit') return undefined
  const { overlord } = settings
  return { endpoint: name, overlord: typeof overlord === 'string' ? overlord : '' }
}

/** In the order of `targets`. Throws Problem OVERLORD_UNKNOWN. */
export const withOverlords = async (
  parts: { readonly hosts: RunHosts; readonly endpoints?: RunEndpoints },
  targets: readonly TargetHost[],
  endpointIds: readonly (string | undefined)[],
): Promise<readonly TargetHost[]> => {
  const { hosts, endpoints } = parts
  if (!endpoints || endpointIds.every((id) => id === undefined)) return targets
  const ways = new Map<string, TargetHost['jumps']>()
  for (const id of new Set(endpointIds)) {
    const found = id === undefined ? undefined : await overlordOf(endpoints, id)
    if (id === undefined || !found) continue
    const host = (await hosts.all()).find(({ name }) => name === found.overlord)
    if (!host) throw new Problem('OVERLORD_UNKNOWN', found)
    ways.set(id, await wayTo(hosts, host))
  }
  return targets.map((target, index) => {
    const jumps = ways.get(endpointIds[index] ?? '')
    return jumps ? { ...target, jumps } : target
  })
}

const wayTo = async (hosts: RunHosts, host: Host): Promise<TargetHost['jumps']> => {
  const [overlord] = await hosts.targetsOf([host], {})
  return overlord ? [...overlord.jumps, overlord.access] : []
}
