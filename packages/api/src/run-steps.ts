// Steps of runs: of one host, and over all of them.

import { z } from 'zod'
import { route } from './route.ts'
import { hostStepSchema } from './run-schemas.ts'
import { idSchema } from './text-schema.ts'

export const runStepRoutes = {
  steps: route({
    id: 'runs.steps',
    method: 'GET',
    path: '/api/runs/:id/hosts/:hostId/steps',
    summary: { zh: '一台主机的各步骤', en: 'The steps of one host' },
    may: 'run.read',
    params: z.object({ id: idSchema, hostId: idSchema }),
    query: z.strictObject({
      attempt: z.coerce.number().int().optional(),
      /** Only what was reported after this place: the `last` of an earlier answer. */
      after: z.coerce.number().int().optional(),
    }),
    answer: z.object({
      hostId: idSchema,
      name: z.string(),
      attempt: z.number().int(),
      /** Whether this action tells how far a host is: one plain command does not. */
      told: z.boolean(),
      /** Names of all steps of the action, in order; empty when it has none, or when only the tool knows its tasks. */
      names: z.array(z.string()),
      /** Those that have ended, as they were reported, at most 500 an answer. */
      steps: z.array(hostStepSchema),
      /** Place of the last of them, or the one that was asked from; null: there is none yet. */
      last: z.number().int().nullable(),
      /** There are more after `last`. */
      more: z.boolean(),
    }),
    errors: ['RUN_UNKNOWN', 'HOST_UNKNOWN'],
  }),
  tasks: route({
    id: 'runs.tasks',
    method: 'GET',
    path: '/api/runs/:id/tasks',
    summary: { zh: '各步骤（任务）在全部主机上的情况', en: 'Steps and tasks over all hosts' },
    may: 'run.read',
    params: z.object({ id: idSchema }),
    answer: z.object({
      /** Those that changed something or failed somewhere, in their order; at most 500. */
      tasks: z.array(
        z.object({
          index: z.number().int(),
          name: z.string(),
          /** Hosts; one on which some items changed and others failed counts as both. */
          failed: z.number().int(),
          changed: z.number().int(),
          /** At most five of the failures. */
          failures: z.array(
            z.object({
              hostId: idSchema,
              host: z.string(),
              item: z.string().nullable(),
              message: z.string().nullable(),
            }),
          ),
        }),
      ),
    }),
    errors: ['RUN_UNKNOWN'],
  }),
} as const
