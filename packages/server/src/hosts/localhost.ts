// Registers this very machine at the first start, so that a module can be run at once.

import { systemActor } from '../access/index.ts'
import type { Services } from '../services.ts'
import type { FleetStore } from './fleet-store.ts'
import { readSetting, writeSetting } from './table.ts'

const DONE = 'localhost.registered'

/** Once in the life of a data folder: who removed it does not want it back. */
export const ensureLocalhost = async (
  services: Pick<Services, 'db' | 'clock' | 'newId' | 'activity'>,
  store: FleetStore,
): Promise<void> => {
  const { db, clock, newId, activity } = services
  if ((await readSetting(db, DONE)) !== undefined) return
  const added = await store.change((fleet) => {
    const now = clock.now()
    const host = {
      id: newId(),
      name: 'localhost',
      address: '127.0.0.1',
      port: 22,
      driver: 'local' as const,
      labels: {},
      createdAt: now,
      updatedAt: now,
    }
    const put = fleet.hosts.length === 0 ? [host] : []
    return { change: { put }, answer: put }
  })
  await writeSetting(db, DONE, 'true')
  if (added.length > 0)
    await activity.record(systemActor, {
      what: 'hosts.add',
      subject: 'localhost',
      hosts: ['localhost'],
      after: { name: 'localhost', address: '127.0.0.1', driver: 'local' },
    })
}
