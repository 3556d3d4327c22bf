// Handlers of the routes of clients of IDCs.

import { clientRoutes } from '@omserver/api'
import { type Handler, handle } from '../http/index.ts'
import type { DirectService } from './service.ts'

export const directHandlers = (service: DirectService): Handler[] => [
  handle(clientRoutes.list, () => service.list()),
  handle(clientRoutes.allow, ({ actor, body }) => service.allow(actor, body)),
  handle(clientRoutes.deny, ({ actor, params, body }) =>
    service.deny(actor, body.idc, params.client),
  ),
]
