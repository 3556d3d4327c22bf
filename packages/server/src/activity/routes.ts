// Routes of the activity log: reading only.

import { activityRoutes } from '@omserver/api'
import { type Handler, handle } from '../http/index.ts'
import type { ActivityService } from './service.ts'

export const activityHandlers = (service: ActivityService, now: () => number): Handler[] => [
  handle(activityRoutes.list, ({ query: { cursor, limit, ...filter } }) =>
    service.list(filter, { cursor, limit }),
  ),
  handle(activityRoutes.export, async ({ query: { format, ...filter } }) => ({
    fileName: `activity-${new Date(now()).toISOString().slice(0, 10)}.${format}`,
    mediaType: format === 'csv' ? 'text/csv' : 'application/x-ndjson',
    chunks: service.export(filter, format),
  })),
]
