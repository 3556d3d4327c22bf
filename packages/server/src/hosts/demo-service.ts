// Adds the simulated fleet, resizes it, removes it.

import { Problem } from '@omserver/core'
import type { Actor } from '../actor.ts'
import type { Services } from '../services.ts'
import { demoFleet, demoLabel } from './demo-fleet.ts'
import type { Fleet } from './fleet.ts'
import type { FleetStore } from './fleet-store.ts'
import type { StoredHost } from './table.ts'

export interface DemoService {
  /**
   * Makes the simulated fleet this large. Hosts of the same name that are not simulated are left alone.
   * Throws Problem DEMO_SHRINKS {hosts, removed} when hosts would go and `confirmed` is not their number.
   */
  resize(
    actor: Actor,
    count: number,
    confirmed?: number,
  ): Promise<{ readonly added: number; readonly removed: number }>
}

export const demoService = (
  services: Pick<Services, 'clock' | 'newId' | 'activity'>,
  store: FleetStore,
): DemoService => ({
  resize: async (actor, count, confirmed = 0) => {
    const { put, remove } = await store.change((fleet) => {
      const change = changeFor(fleet, count, services)
      const removed = change.remove.length
      if (removed > 0 && removed !== confirmed) {
        throw new Problem('DEMO_SHRINKS', { hosts: count, removed })
      }
      return {
        change: { put: change.put, remove: change.remove.map(({ id }) => id) },
        answer: change,
      }
    })
    const answer = { added: put.length, removed: remove.length }
    if (put.length + remove.length > 0)
      await services.activity.record(actor, {
        what: 'hosts.demo',
        subject: String(count),
        hosts: [...put, ...remove].map(({ name }) => name),
        after: answer,
      })
    return answer
  },
})

const isDemo = (host: StoredHost): boolean =>
  host.driver === 'sim' && host.labels[demoLabel.name] === demoLabel.value

const changeFor = (
  fleet: Fleet,
  count: number,
  { clock, newId }: Pick<Services, 'clock' | 'newId'>,
): { readonly put: StoredHost[]; readonly remove: StoredHost[] } => {
  const wanted = demoFleet(count)
  const names = new Set(wanted.map(({ name }) => name))
  const now = clock.now()
  const put = wanted
    .filter(({ name }) => !fleet.byName.has(name))
    .map(
      (host): StoredHost => ({
        ...host,
        id: newId(),
        port: 22,
        driver: 'sim',
        createdAt: now,
        updatedAt: now,
      }),
    )
  const jumps = new Set(fleet.hosts.map(({ jumpHostId }) => jumpHostId))
  // A simulated host that somebody made a jump host stays: removing it would cut others off.
  const remove = fleet.hosts.filter(
    (host) => isDemo(host) && !names.has(host.name) && !jumps.has(host.id),
  )
  return { put, remove }
}
