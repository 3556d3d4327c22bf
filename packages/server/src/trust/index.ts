// Trust (信任关系): our public key on the hosts, its rotation, and the connectivity check.

import type { HostedModule } from '../modules/index.ts'
import type { Services } from '../services.ts'
import type { Slice } from '../slice.ts'
import { trustHandlers } from './routes.ts'
import { type TrustParts, type TrustService, trustService } from './service.ts'
import { trustModules } from './trust-modules.ts'
import { TrustWorks } from './trust-works.ts'

export const createTrust = (
  services: Services,
  parts: TrustParts,
): Slice<TrustService> & {
  readonly works: TrustWorks
  readonly modules: readonly HostedModule[]
} => {
  const works = new TrustWorks(services, parts)
  const service = trustService(parts, works)
  return {
    service,
    works,
    modules: trustModules(service),
    handlers: trustHandlers(service),
    start: () => works.resume(),
    stop: () => works.stop(),
  }
}
