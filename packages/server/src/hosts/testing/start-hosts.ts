// The whole slice of hosts on a real database, and the short words its tests have for what they do most.

import { Problem } from '@omserver/core'
import { credentialService } from '../../credentials/service.ts'
import { startServices, type TestServices } from '../../testing/test-services.ts'
import { demoService } from '../demo-service.ts'
import { type HostDirectory, hostDirectory } from '../directory.ts'
import { FleetStore } from '../fleet-store.ts'
import { groupService } from '../groups.ts'
import { importService } from '../import-service.ts'
import { PinnedKeys } from '../pinned-keys.ts'
import { hostService } from '../service.ts'

/** All of the slice, as one replica holds it. */
export const replicaOf = (test: TestServices) => {
  const { services } = test
  const keys = new PinnedKeys(services.db)
  const store = new FleetStore(services.db, keys)
  const credentials = credentialService(services)
  const parts = { store, keys, credentials }
  return {
    credentials,
    hosts: hostService(services, parts),
    groups: groupService(services, store),
    imports: importService(services, parts),
    demo: demoService(services, store),
    directory: hostDirectory(services, store, keys),
  }
}

export type HostsTest = Awaited<ReturnType<typeof startHosts>>

export const startHosts = async () => {
  const test = await startServices()
  const one = replicaOf(test)
  return {
    test,
    one,
    add: (name: string, more: Partial<Parameters<typeof one.hosts.add>[1]> = {}) =>
      one.hosts.add(test.admin, { name, address: '10.0.0.1', ...more }),
    namesOf: async (selector: string, directory: HostDirectory = one.directory) =>
      (await directory.select(selector)).hosts.map(({ name }) => name),
    logged: async (what: string) => (await test.activity.list({ what }, { limit: 100 })).items,
  }
}

/** The code that a promise is refused with. */
export const problem = (of: Promise<unknown>) =>
  of.then(
    () => 'fine',
    (error: Problem) => (error instanceof Problem ? error.code : String(error)),
  )
