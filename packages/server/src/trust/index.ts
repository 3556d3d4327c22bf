// Trust (信任关系): our public key on the hosts, its rotation, and the connectivity check.

import type { Services } from '../services.ts'
import type { Slice } from '../slice.ts'
import { trustHandlers } from './routes.ts'
import { type TrustParts, type TrustService, trustService } from './service.ts'

export const createTrust = (_services: Services, parts: TrustParts): Slice<TrustService> => {
  const service = trustService(parts)
  return { service, handlers: trustHandlers(service) }
}
