// Handlers of the module routes.

import { type ModuleView, moduleRoutes } from '@omserver/api'
import { type Json, moduleMatches, Problem, previewAction } from '@omserver/core'
import type { Actor } from '../actor.ts'
import { type Handler, handle } from '../http/index.ts'
import type { CatalogueEntry } from './catalogue.ts'
import type { CustomModuleService } from './custom-service.ts'
import type { ModuleService } from './service.ts'

const viewOf = (entry: CatalogueEntry, actor: Actor): ModuleView => {
  const { mask: _mask, may, paramsSchema, fields, table, ...rest } = entry
  return {
    ...rest,
    fields: fields as ModuleView['fields'],
    table: table as ModuleView['table'],
    paramsSchema: paramsSchema as Json as ModuleView['paramsSchema'],
    mayLaunch:
      actor.permissions.has('run.launch') &&
      (may === undefined || actor.permissions.has(may)) &&
      (actor.role === 'admin' ||
        actor.grants.some((grant) =>
          grant.modules.some((pattern) => moduleMatches(pattern, entry.name)),
        )),
  }
}

export const moduleHandlers = (modules: ModuleService, custom: CustomModuleService): Handler[] => [
  handle(moduleRoutes.list, async ({ actor }) => ({
    items: (await modules.list()).map((entry) => viewOf(entry, actor)),
    broken: [...modules.broken()],
  })),
  handle(moduleRoutes.show, async ({ params, actor }) => {
    const entry = await modules.find(params.name)
    if (!entry) throw new Problem('MODULE_UNKNOWN', { module: params.name })
    return viewOf(entry, actor)
  }),
  handle(moduleRoutes.preview, async ({ params, body }) => {
    const answer = await modules.evaluate(params.name, body.params, { check: body.check })
    if (!answer.ok) return { preview: null, problems: [...answer.problems] }
    return { preview: answer.action && previewAction(answer.action), problems: [] }
  }),
  handle(moduleRoutes.listCustom, async () => ({ items: await custom.list() })),
  handle(moduleRoutes.addCustom, async ({ actor, body }) => custom.add(actor, body)),
  handle(moduleRoutes.saveCustom, async ({ actor, params, body }) => {
    const { note, basedOn, ...input } = body
    return custom.save(actor, params.id, input, { note, basedOn })
  }),
  handle(moduleRoutes.readCustomVersion, async ({ params }) =>
    custom.version(params.id, params.version),
  ),
  handle(moduleRoutes.publishCustom, async ({ actor, params, body }) =>
    custom.publish(actor, params.id, body.version),
  ),
  handle(moduleRoutes.removeCustom, async ({ actor, params }) => {
    await custom.remove(actor, params.id)
    return { ok: true as const }
  }),
  handle(moduleRoutes.exportCustom, async ({ params, query }) => {
    const { fileName, content } = await custom.export(params.id, query.version)
    return { fileName, chunks: [content] }
  }),
]
