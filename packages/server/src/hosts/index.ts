// Hosts: the fleet, its groups and keys, and the directory that other slices read.

import type { CredentialService } from '../credentials/index.ts'
import type { Services } from '../services.ts'
import type { Slice } from '../slice.ts'
import { demoService } from './demo-service.ts'
import { type HostDirectory, hostDirectory } from './directory.ts'
import { FleetStore } from './fleet-store.ts'
import { groupService } from './groups.ts'
import { importService } from './import-service.ts'
import { ensureLocalhost } from './localhost.ts'
import { PinnedKeys } from './pinned-keys.ts'
import { hostHandlers } from './routes.ts'
import { type HostService, hostService } from './service.ts'

/** The directory, and the changes that other slices make. */
export type Hosts = HostDirectory & Pick<HostService, 'setCredential'>

export const createHosts = (
  services: Services,
  parts: { readonly credentials: CredentialService },
): Slice<Hosts> => {
  const keys = new PinnedKeys(services.db)
  const store = new FleetStore(services.db, keys)
  const hosts = hostService(services, { store, keys, ...parts })
  return {
    service: {
      ...hostDirectory(services, store, keys),
      setCredential: hosts.setCredential,
    },
    handlers: hostHandlers({
      hosts,
      groups: groupService(services, store),
      imports: importService(services, { store, keys, ...parts }),
      demo: demoService(services, store),
    }),
    // Elsewhere no controller runs on the server’s own machine.
    start: async () => {
      if (services.engine.kind === 'embedded') await ensureLocalhost(services, store)
    },
    stop: () => keys.settled(),
  }
}
