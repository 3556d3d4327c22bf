// Credentials: what opens the hosts.

import type { Services } from '../services.ts'
import type { Slice } from '../slice.ts'
import { requireKey } from './require-key.ts'
import { credentialHandlers } from './routes.ts'
import { type CredentialService, credentialService } from './service.ts'

export type { CredentialService } from './service.ts'

export const createCredentials = (services: Services): Slice<CredentialService> => {
  const service = credentialService(services)
  return {
    service,
    handlers: credentialHandlers(service),
    start: () => requireKey(services),
  }
}
