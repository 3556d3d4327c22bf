// The activity log: what people did in OMServer. Append-only.

import { z } from 'zod'
import { pageOf, pageQuery } from './page.ts'
import { route } from './route.ts'
import { idSchema, timeSchema } from './text-schema.ts'

export const activitySchema = z.object({
  id: idSchema,
  at: timeSchema,
  actorId: idSchema.nullable(),
  actorName: z.string(),
  /** `session`, or the name of the token. */
  via: z.string(),
  /** Client address. */
  from: z.string(),
  /** What was done: a route id such as `hosts.change`, or `run.ended`, `login.failed` … */
  what: z.string(),
  /** What it was done to, by name. */
  subject: z.string(),
  hostCount: z.number().int(),
  /** At most 100 names. */
  hosts: z.array(z.string()),
  before: z.json().nullable(),
  after: z.json().nullable(),
})
export type ActivityView = z.output<typeof activitySchema>

const filter = z.strictObject({
  actor: z.string().max(100).optional(),
  what: z.string().max(100).optional(),
  text: z.string().max(200).optional(),
  since: z.coerce.number().int().optional(),
  until: z.coerce.number().int().optional(),
})

export const activityRoutes = {
  list: route({
    id: 'activity.list',
    method: 'GET',
    path: '/api/activity',
    summary: { zh: '操作日志', en: 'Activity log' },
    may: 'activity.read',
    query: pageQuery.extend(filter.shape),
    answer: pageOf(activitySchema),
  }),
  export: route({
    id: 'activity.export',
    method: 'GET',
    path: '/api/activity/export',
    summary: {
      zh: '导出操作日志（CSV 或 JSON 行）',
      en: 'Export the activity log (CSV or JSON lines)',
    },
    may: 'activity.read',
    query: filter.extend({ format: z.enum(['csv', 'jsonl']).default('csv') }),
    answer: z.string(),
    answerKind: 'file',
    mediaType: 'text/csv',
  }),
} as const
