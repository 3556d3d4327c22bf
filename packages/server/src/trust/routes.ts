// Routes of trust.

import { trustRoutes } from '@omserver/api'
import { type Handler, handle } from '../http/index.ts'
import type { TrustService } from './service.ts'

export const trustHandlers = (service: TrustService): Handler[] => [
  handle(trustRoutes.establish, ({ actor, body }) => service.establish(actor, body)),
  handle(trustRoutes.rotate, ({ actor, body }) => service.rotate(actor, body)),
  handle(trustRoutes.check, ({ actor, body }) => service.check(actor, body)),
]
