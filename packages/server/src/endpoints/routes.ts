// Routes of endpoints of drivers.

import { endpointRoutes } from '@omserver/api'
import { type Handler, handle } from '../http/index.ts'
import type { EndpointService } from './service.ts'

export const endpointHandlers = (service: EndpointService): Handler[] => [
  handle(endpointRoutes.list, async () => {
    const { items, unserved } = await service.list()
    return { items: [...items], unserved: [...unserved] }
  }),
  handle(endpointRoutes.add, ({ actor, body }) => service.add(actor, body)),
  handle(endpointRoutes.remove, async ({ actor, params }) => {
    await service.remove(actor, params.id)
    return { ok: true as const }
  }),
]
