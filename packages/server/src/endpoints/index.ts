// Endpoints of drivers: through what hosts are reached that OMServer does not log in to itself.

import type { Services } from '../services.ts'
import type { Slice } from '../slice.ts'
import { endpointHandlers } from './routes.ts'
import { type EndpointHosts, type EndpointService, endpointService } from './service.ts'

export const createEndpoints = (
  services: Services,
  parts: { readonly hosts: EndpointHosts },
): Slice<EndpointService> => {
  const service = endpointService(services, parts)
  return { service, handlers: endpointHandlers(service) }
}
