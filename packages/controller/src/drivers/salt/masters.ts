// One connection to each salt-api, shared by all runs; made anew when its endpoint has changed.

import type { Clock, EndpointSecrets } from '@omserver/core'
import { type SaltMaster, saltMaster } from './salt-master.ts'
import { wordsOf } from './trouble.ts'

export interface Masters {
  /** Rejects with SaltTrouble, or Problem ENDPOINT_UNKNOWN. */
  of(endpointId: string): Promise<SaltMaster>
  /** Of all that have been used. */
  health(): Promise<{
    readonly ok: boolean
    readonly version: string
    readonly problems: readonly string[]
  }>
  close(): void
}

interface Open {
  readonly version: number
  readonly name: string
  readonly master: SaltMaster
}

const HEALTH_MS = 5_000

export const createMasters = (parts: {
  readonly secrets: EndpointSecrets
  readonly clock: Clock
  readonly random: () => number
}): Masters => {
  const open = new Map<string, Open>()

  const lookAt = async ({ name, master }: Open): Promise<{ version: string; problem?: string }> => {
    try {
      const { known, returns } = await master.ask({ minions: '*', fun: 'test.version' }, HEALTH_MS)
      const silent = [...known].filter((id) => !returns.has(id))
      const versions = [...returns.values()].flatMap(({ value }) =>
        typeof value === 'string' ? [value] : [],
      )
      const version = `${name}: Salt ${[...new Set(versions)].toSorted().join(', ') || '?'}, ${returns.size} of ${known.size} minions up`
      if (silent.length === 0) return { version }
      const some = silent.slice(0, 10).join(', ') + (silent.length > 10 ? ' …' : '')
      return {
        version,
        problem: `${name}: minions that do not answer: ${some}. See that salt-minion runs there and reaches ports 4505 and 4506 of the master`,
      }
    } catch (error) {
      return { version: `${name}: ?`, problem: `${name}: ${wordsOf(error)}` }
    }
  }

  return {
    async of(endpointId) {
      const endpoint = await parts.secrets.endpoint(endpointId)
      const before = open.get(endpointId)
      if (before?.version === endpoint.version) return before.master
      const master = saltMaster(endpoint, parts)
      // Jobs under way go on by their own reference until they end.
      open.set(endpointId, { version: endpoint.version, name: endpoint.name, master })
      before?.master.retire()
      return master
    },
    async health() {
      const seen = await Promise.all([...open.values()].map(lookAt))
      const problems = seen.flatMap(({ problem }) => problem ?? [])
      const version = seen.map((one) => one.version).join('; ')
      return {
        ok: problems.length === 0,
        version: version === '' ? 'no salt-api used yet' : version,
        problems,
      }
    },
    close() {
      for (const { master } of open.values()) master.close()
      open.clear()
    },
  }
}
