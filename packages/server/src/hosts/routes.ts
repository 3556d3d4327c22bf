// Routes of hosts, their groups, import and the simulated fleet.

import { hostRoutes } from '@omserver/api'
import { type Handler, handle } from '../http/index.ts'
import type { DemoService } from './demo-service.ts'
import type { GroupService } from './groups.ts'
import type { ImportService } from './import-service.ts'
import type { HostService } from './service.ts'

export interface HostServices {
  readonly hosts: HostService
  readonly groups: GroupService
  readonly imports: ImportService
  readonly demo: DemoService
}

export const hostHandlers = ({ hosts, groups, imports, demo }: HostServices): Handler[] => [
  handle(hostRoutes.list, ({ query }) => hosts.list(query)),
  handle(hostRoutes.brief, () => hosts.brief()),
  handle(hostRoutes.show, ({ params }) => hosts.show(params.id)),
  handle(hostRoutes.add, ({ actor, body }) => hosts.add(actor, body)),
  handle(hostRoutes.change, ({ actor, params, body }) => hosts.change(actor, params.id, body)),
  handle(hostRoutes.setLabels, async ({ actor, body }) => ({
    changed: await hosts.setLabels(actor, body),
  })),
  handle(hostRoutes.remove, async ({ actor, body }) => ({
    removed: await hosts.remove(actor, body),
  })),
  handle(hostRoutes.resolve, ({ body }) => hosts.resolve(body.selector)),
  handle(hostRoutes.previewImport, ({ body }) => imports.preview(body)),
  handle(hostRoutes.import, ({ actor, body }) => imports.import(actor, body)),
  handle(hostRoutes.acceptKey, ({ actor, params, body }) =>
    hosts.acceptKey(actor, params.id, body.fingerprint),
  ),
  handle(hostRoutes.labels, async () => ({ items: await hosts.labels() })),
  handle(hostRoutes.demo, ({ actor, body }) => demo.resize(actor, body.hosts, body.confirmRemoved)),
  handle(hostRoutes.listGroups, async () => ({ items: await groups.list() })),
  handle(hostRoutes.addGroup, ({ actor, body }) => groups.add(actor, body)),
  handle(hostRoutes.changeGroup, ({ actor, params, body }) =>
    groups.change(actor, params.id, body),
  ),
  handle(hostRoutes.removeGroup, async ({ actor, params }) => {
    await groups.remove(actor, params.id)
    return { ok: true as const }
  }),
]
