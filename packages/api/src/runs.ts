// Runs: preview, launch, watch, read, steer, export.

import { hostStates } from '@omserver/core'
import { z } from 'zod'
import { tableSpecSchema } from './modules.ts'
import { pageOf, pageQuery } from './page.ts'
import { projectErrors } from './projects.ts'
import { route } from './route.ts'
import {
  answerClusterSchema,
  hostResultSchema,
  launchInput,
  launchPreviewSchema,
  runDetailSchema,
  runEventSchema,
  runSchema,
  silentGroupSchema,
} from './run-schemas.ts'
import { runStepRoutes } from './run-steps.ts'
import { idSchema, okSchema, selectorErrors } from './text-schema.ts'

const resultFilter = z.strictObject({
  /** Comma-separated states. */
  state: z.string().max(200).optional(),
  answer: z.string().max(64).optional(),
  text: z.string().max(200).optional(),
  /** Only the last attempt of each host unless `all`. */
  attempts: z.enum(['last', 'all']).default('last'),
})

const byId = z.object({ id: idSchema })

export const runRoutes = {
  preview: route({
    id: 'runs.preview',
    method: 'POST',
    path: '/api/runs/preview',
    summary: {
      zh: '发起前预览：执行内容、主机、批次',
      en: 'Before launch: what will run, where, in which batches',
    },
    may: 'run.launch',
    body: launchInput,
    answer: launchPreviewSchema,
    errors: [
      ...selectorErrors,
      'MODULE_UNKNOWN',
      'BATCH_SYNTAX',
      'THRESHOLD_SYNTAX',
      'MODULE_THREW',
      'MODULE_TIMEOUT',
    ],
  }),
  launch: route({
    id: 'runs.launch',
    method: 'POST',
    path: '/api/runs',
    summary: { zh: '发起执行', en: 'Launch a run' },
    may: 'run.launch',
    body: launchInput,
    answer: runSchema,
    errors: [
      'FILE_UNKNOWN',
      'FILE_VERSION_UNKNOWN',
      'FILE_NOT_TEXT',
      'FILE_GONE',
      ...selectorErrors,
      'MODULE_UNKNOWN',
      'PARAMS_INVALID',
      'SELECTOR_EMPTY',
      'SELECTOR_UNKNOWN_NAMES',
      'BATCH_SYNTAX',
      'THRESHOLD_SYNTAX',
      'CONFIRM_NEEDED',
      'COUNT_MISMATCH',
      'GRANT_MISSING',
      'LOCAL_ADMIN_ONLY',
      'CREDENTIAL_UNKNOWN',
      'CREDENTIAL_NOT_GRANTED',
      'DRIVER_LACKS',
      'ACTION_TOO_LARGE',
      'MODULE_THREW',
      'MODULE_TIMEOUT',
      'RUN_ID_TAKEN',
      ...projectErrors,
    ],
  }),
  list: route({
    id: 'runs.list',
    method: 'GET',
    path: '/api/runs',
    summary: { zh: '执行历史', en: 'History of runs' },
    may: 'run.read',
    query: pageQuery.extend({
      module: z.string().max(200).optional(),
      /** Comma-separated states. */
      state: z.string().max(200).optional(),
      startedBy: z.string().max(100).optional(),
      hostId: idSchema.optional(),
      text: z.string().max(200).optional(),
      /** Also what only read the choices of a form field from a host. */
      choices: z.stringbool().default(false),
      since: z.coerce.number().int().optional(),
      until: z.coerce.number().int().optional(),
    }),
    answer: pageOf(
      runSchema.extend({
        /** With `hostId`: that host in its last attempt. */
        host: hostResultSchema.optional(),
      }),
    ),
  }),
  show: route({
    id: 'runs.show',
    method: 'GET',
    path: '/api/runs/:id',
    summary: { zh: '执行详情', en: 'One run' },
    may: 'run.read',
    params: byId,
    answer: runDetailSchema,
    errors: ['RUN_UNKNOWN'],
  }),
  events: route({
    id: 'runs.events',
    method: 'GET',
    path: '/api/runs/:id/events',
    summary: { zh: '执行的实时事件（SSE）', en: 'Live events of a run (SSE)' },
    may: 'run.read',
    params: byId,
    query: z.strictObject({
      /** Resume: rows with a greater rev. Last-Event-ID wins. */
      after: z.coerce.number().int().optional(),
      /** Comma-separated host ids whose output to stream, or `*` for all (the command line). */
      output: z.string().max(4000).optional(),
      /** `hosts`: coalesced rows for a screen. `each`: one event a host, for programs. */
      form: z.enum(['hosts', 'each']).default('hosts'),
    }),
    answer: runEventSchema,
    answerKind: 'events',
    errors: ['RUN_UNKNOWN'],
  }),
  results: route({
    id: 'runs.results',
    method: 'GET',
    path: '/api/runs/:id/results',
    summary: { zh: '各主机执行结果', en: 'Results of the hosts' },
    may: 'run.read',
    params: byId,
    query: pageQuery
      .extend(resultFilter.shape)
      .extend({ limit: z.coerce.number().int().min(1).max(50_000).default(1000) }),
    answer: pageOf(hostResultSchema).extend({ rev: z.number().int() }),
    errors: ['RUN_UNKNOWN'],
  }),
  output: route({
    id: 'runs.output',
    method: 'GET',
    path: '/api/runs/:id/hosts/:hostId/output',
    summary: { zh: '一台主机的输出（按字节区间）', en: 'Output of one host, by byte range' },
    may: 'run.read',
    params: z.object({ id: idSchema, hostId: idSchema }),
    query: z.strictObject({
      attempt: z.coerce.number().int().optional(),
      from: z.coerce.number().int().min(0).default(0),
      bytes: z.coerce
        .number()
        .int()
        .min(1)
        .max(1024 * 1024)
        .default(262_144),
    }),
    answer: z.object({
      hostId: idSchema,
      name: z.string(),
      attempt: z.number().int(),
      /** Pieces in order; text is decoded by the host's encoding. */
      pieces: z.array(
        z.object({
          stream: z.enum(['stdout', 'stderr']),
          offset: z.number().int(),
          text: z.string(),
        }),
      ),
      /** Byte offset to go on from; null at the end of what is stored. */
      next: z.number().int().nullable(),
      keptBytes: z.number().int(),
      outputBytes: z.number().int(),
      truncated: z.boolean(),
      /** Where the middle is missing: kept bytes before this offset are head, after it tail. */
      gapAt: z.number().int().nullable(),
    }),
    errors: ['RUN_UNKNOWN', 'HOST_UNKNOWN'],
  }),
  ...runStepRoutes,
  rawOutput: route({
    id: 'runs.rawOutput',
    method: 'GET',
    path: '/api/runs/:id/hosts/:hostId/output.txt',
    summary: { zh: '下载一台主机的输出', en: 'Download the output of one host' },
    may: 'run.read',
    params: z.object({ id: idSchema, hostId: idSchema }),
    query: z.strictObject({ attempt: z.coerce.number().int().optional() }),
    answer: z.string(),
    answerKind: 'file',
    mediaType: 'text/plain',
    errors: ['RUN_UNKNOWN', 'HOST_UNKNOWN'],
  }),
  answers: route({
    id: 'runs.answers',
    method: 'GET',
    path: '/api/runs/:id/answers',
    summary: { zh: '结果归组', en: 'Answer clusters' },
    may: 'run.read',
    params: byId,
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(500).default(50),
      /** So many clusters are left out, in that order: the pages of a run that has ended fit together. */
      skip: z.coerce.number().int().min(0).default(0),
      hostIds: z.stringbool().default(false),
    }),
    answer: z.object({
      /** The largest is the majority and stands first; then those that are not ok, then the others, by size. */
      clusters: z.array(answerClusterSchema),
      /** What was not looked at when outputs were compared. */
      mask: z.array(z.enum(['self', 'time', 'pid', 'number'])),
      /** Clusters beyond these. */
      more: z.number().int(),
      silent: z.array(silentGroupSchema),
      waiting: z.number().int(),
    }),
    errors: ['RUN_UNKNOWN'],
  }),
  table: route({
    id: 'runs.table',
    method: 'GET',
    path: '/api/runs/:id/table',
    summary: { zh: '以表格查看输出', en: 'Outputs as a table' },
    may: 'run.read',
    params: byId,
    query: z.strictObject({
      sort: z.string().max(64).optional(), // column key or `host`, `-` before it for descending
      text: z.string().max(200).optional(),
      limit: z.coerce.number().int().min(1).max(20_000).default(5000),
    }),
    answer: z.object({
      spec: tableSpecSchema,
      rows: z.array(
        z.object({
          hostId: idSchema,
          name: z.string(),
          cells: z.array(z.union([z.string(), z.number(), z.null()])),
        }),
      ),
      total: z.number().int(),
      /** Hosts whose output did not parse into rows. */
      unparsed: z.array(z.string()),
    }),
    errors: ['RUN_UNKNOWN', 'NO_TABLE'],
  }),
  search: route({
    id: 'runs.search',
    method: 'GET',
    path: '/api/runs/:id/search',
    summary: { zh: '在全部主机的输出中搜索', en: 'Search the output of all hosts' },
    may: 'run.read',
    params: byId,
    query: z.strictObject({
      text: z.string().min(1).max(500),
      limit: z.coerce.number().int().min(1).max(5000).default(500),
    }),
    answer: z.object({
      hosts: z.array(
        z.object({ hostId: idSchema, name: z.string(), hits: z.number().int(), line: z.string() }),
      ),
      totalHosts: z.number().int(),
      totalHits: z.number().int(),
      more: z.boolean(),
    }),
    errors: ['RUN_UNKNOWN'],
  }),
  export: route({
    id: 'runs.export',
    method: 'GET',
    path: '/api/runs/:id/export',
    summary: { zh: '导出结果', en: 'Export the results' },
    may: 'run.read',
    params: byId,
    query: resultFilter.extend({
      format: z.enum(['csv', 'jsonl', 'txt', 'table.csv']).default('csv'),
    }),
    answer: z.string(),
    answerKind: 'file',
    mediaType: 'text/csv',
    errors: ['RUN_UNKNOWN', 'NO_TABLE'],
  }),
  abort: route({
    id: 'runs.abort',
    method: 'POST',
    path: '/api/runs/:id/abort',
    summary: { zh: '中止', en: 'Abort a run' },
    may: 'run.steer',
    params: byId,
    answer: runSchema,
    errors: ['RUN_UNKNOWN', 'RUN_ENDED', 'GRANT_MISSING'],
  }),
  rerun: route({
    id: 'runs.rerun',
    method: 'POST',
    path: '/api/runs/:id/rerun',
    summary: {
      zh: '重运行（全部、仅失败或任一组）',
      en: 'Run again (all, failed only, or any bucket)',
    },
    may: 'run.steer',
    params: byId,
    // A hundred thousand host ids.
    bodyLimit: 8 * 1024 * 1024,
    body: z.strictObject({
      id: z.uuid().optional(),
      /** Which hosts: all, every host that is not ok, hosts in these states, or of this answer. */
      which: z.union([
        z.literal('all'),
        z.literal('failed'),
        z.strictObject({ states: z.array(z.enum(hostStates)).min(1) }),
        z.strictObject({ answer: z.string().max(64) }),
        z.strictObject({ hostIds: z.array(idSchema).min(1).max(100_000) }),
      ]),
      confirmHosts: z.number().int().optional(),
      /** Needed again when the run had one: it was forgotten when the run ended. */
      runAsPassword: z.string().max(1000).optional(),
      /** Likewise for secret parameters. */
      secrets: z.record(z.string(), z.string().max(10_000)).default({}),
    }),
    answer: runSchema,
    errors: [
      'FILE_GONE',
      'RUN_UNKNOWN',
      'RUN_NOT_ENDED',
      'RERUN_NOTHING',
      'SELECTOR_UNKNOWN_NAMES',
      'HOST_UNKNOWN',
      'CREDENTIAL_UNKNOWN',
      'CREDENTIAL_NOT_GRANTED',
      'DRIVER_LACKS',
      'GRANT_MISSING',
      'CONFIRM_NEEDED',
      'COUNT_MISMATCH',
      'SECRET_NEEDED',
      'RUN_ID_TAKEN',
      'LOCAL_ADMIN_ONLY',
      'PROJECT_ARCHIVE_GONE',
    ],
  }),
  remove: route({
    id: 'runs.remove',
    method: 'DELETE',
    path: '/api/runs/:id',
    summary: { zh: '删除执行记录', en: 'Delete a run' },
    may: 'settings.write',
    params: byId,
    answer: okSchema,
    errors: ['RUN_UNKNOWN', 'RUN_NOT_ENDED'],
  }),
} as const
