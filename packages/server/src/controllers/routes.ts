// Handlers of the routes of controllers.

import { controllerRoutes } from '@omserver/api'
import { type Handler, handle } from '../http/index.ts'
import type { ControllerService } from './service.ts'

export const controllerHandlers = (service: ControllerService): Handler[] => [
  handle(controllerRoutes.list, () => service.list()),
  handle(controllerRoutes.enroll, ({ actor, body }) => service.enroll(actor, body)),
  handle(controllerRoutes.revoke, ({ actor, params }) => service.revoke(actor, params.name)),
  handle(controllerRoutes.drain, ({ actor, params, body }) =>
    service.drain(actor, params.name, body.drain),
  ),
]
