// Routes of projects.

import { projectRoutes } from '@omserver/api'
import { type Handler, handle } from '../http/index.ts'
import type { ProjectService } from './service.ts'

export const projectHandlers = (service: ProjectService): Handler[] => [
  handle(projectRoutes.list, async () => ({ items: [...(await service.list())] })),
  handle(projectRoutes.show, ({ params }) => service.show(params.id)),
  handle(projectRoutes.add, ({ actor, body }) => service.add(actor, body)),
  handle(projectRoutes.change, ({ actor, params, body }) => service.change(actor, params.id, body)),
  handle(projectRoutes.refresh, ({ actor, params }) => service.refresh(actor, params.id)),
  handle(projectRoutes.remove, async ({ actor, params }) => {
    await service.remove(actor, params.id)
    return { ok: true as const }
  }),
]
