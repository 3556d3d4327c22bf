// Handlers of the run routes.

import { fetchedRoutes, runRoutes } from '@omserver/api'
import { type Handler, handle } from '../http/index.ts'
import { exportRun } from './export.ts'
import { downloadFetched, readFetched } from './fetched.ts'
import { downloadOutput, readOutput } from './output.ts'
import { readResults } from './results.ts'
import { readTable } from './run-table.ts'
import { searchOutputs } from './search.ts'
import type { RunService } from './service.ts'
import { readSteps, readTasks } from './steps.ts'

const listOf = (text: string | undefined): readonly string[] | undefined =>
  text?.split(',').filter((part) => part !== '')

export const runHandlers = (service: RunService): readonly Handler[] => {
  const { reader } = service
  return [
    handle(runRoutes.preview, ({ actor, body }) => service.preview(actor, body)),
    handle(runRoutes.launch, ({ actor, body }) => service.launch(actor, body)),
    handle(runRoutes.list, ({ actor, query }) => {
      const { cursor, limit, state, ...filter } = query
      return reader.list(actor, { ...filter, states: listOf(state) }, { cursor, limit })
    }),
    handle(runRoutes.show, ({ actor, params }) => service.show(actor, params.id)),
    handle(runRoutes.events, ({ actor, params, query, request, signal }) => {
      const resumed = Number(request.headers['last-event-id'])
      return service.watch(actor, params.id, {
        after: Number.isSafeInteger(resumed) && resumed > 0 ? resumed : (query.after ?? 0),
        output: query.output === '*' ? '*' : new Set(listOf(query.output)),
        form: query.form,
        signal,
      })
    }),
    handle(runRoutes.results, ({ params, query }) => readResults(reader, params.id, query)),
    handle(runRoutes.output, ({ params, query }) =>
      readOutput(reader, { runId: params.id, hostId: params.hostId }, query),
    ),
    handle(runRoutes.steps, ({ params, query }) =>
      readSteps(reader, { runId: params.id, hostId: params.hostId }, query),
    ),
    handle(runRoutes.tasks, ({ params }) => readTasks(reader, params.id)),
    handle(runRoutes.rawOutput, ({ params, query }) =>
      downloadOutput(reader, { runId: params.id, hostId: params.hostId }, query.attempt),
    ),
    handle(runRoutes.answers, ({ params, query }) => service.answers.read(params.id, query)),
    handle(runRoutes.table, ({ params, query }) => readTable(reader, params.id, query)),
    handle(runRoutes.search, ({ params, query, signal }) =>
      searchOutputs(reader, params.id, query, signal),
    ),
    handle(runRoutes.export, ({ params, query }) => exportRun(reader, params.id, query)),
    handle(fetchedRoutes.files, ({ params }) => readFetched(reader, params.id)),
    handle(fetchedRoutes.archive, ({ params }) => downloadFetched(reader, params.id)),
    handle(runRoutes.abort, ({ actor, params }) => service.abort(actor, params.id)),
    handle(runRoutes.rerun, ({ actor, params, body }) => service.rerun(actor, params.id, body)),
    handle(runRoutes.remove, async ({ actor, params }) => {
      await service.remove(actor, params.id)
      return { ok: true as const }
    }),
  ]
}
