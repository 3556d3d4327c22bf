// Routes of credentials.

import { credentialRoutes } from '@omserver/api'
import { type Handler, handle } from '../http/index.ts'
import type { CredentialService } from './service.ts'

export const credentialHandlers = (service: CredentialService): Handler[] => [
  handle(credentialRoutes.list, async () => ({ items: [...(await service.list())] })),
  handle(credentialRoutes.add, ({ actor, body }) => service.add(actor, body)),
  handle(credentialRoutes.change, ({ actor, params, body }) =>
    service.change(actor, params.id, body),
  ),
  handle(credentialRoutes.remove, async ({ actor, params }) => {
    await service.remove(actor, params.id)
    return { ok: true as const }
  }),
]
