// Runs: preview, launch, watch, read, steer, export.

import { driverNames, hostStates, runStates } from '@omserver/core'
import { z } from 'zod'
import { fieldProblemSchema, tableSpecSchema } from './modules.ts'
import { pageOf, pageQuery } from './page.ts'
import { route } from './route.ts'
import { idSchema, okSchema, selectorSchema, textSchema, timeSchema } from './text-schema.ts'

export const strategyInput = z.object({
  concurrency: z.number().int().min(1).max(10_000).optional(),
  batches: z.string().max(500).optional(),
  maxFailures: z.string().max(20).optional(),
  hostTimeoutMs: z.number().int().min(100).max(86_400_000).optional(),
  runTimeoutMs: z.number().int().min(1000).max(604_800_000).optional(),
  retries: z.number().int().min(0).max(5).optional(),
})
export const strategySchema = strategyInput.required({
  concurrency: true,
  hostTimeoutMs: true,
  retries: true,
})

export const runAsInput = z.object({
  user: z.string().min(1).max(64),
  method: z.enum(['sudo', 'su']).default('sudo'),
  /** Sent once, kept encrypted until the run has ended, then forgotten. */
  password: z.string().max(1000).optional(),
})

export const launchInput = z.object({
  /** Made by the caller (UUIDv7): the same id twice is the same run, so a retried request runs nothing twice. */
  id: z.uuid().optional(),
  module: z.string().min(1).max(200),
  params: z.record(z.string(), z.json()).default({}),
  selector: selectorSchema,
  check: z.boolean().default(false),
  strategy: strategyInput.default({}),
  runAs: runAsInput.optional(),
  /** Use this credential (name or id) instead of each host's own. */
  credential: z.string().max(100).optional(),
  /** What the person typed or agreed to. Needed above the limit and for dangerous modules; must match. */
  confirmHosts: z.number().int().optional(),
  note: z.string().max(500).default(''),
})
export type LaunchInput = z.input<typeof launchInput>

export const countsSchema = z.object(
  Object.fromEntries(hostStates.map((state) => [state, z.number().int()])) as Record<
    (typeof hostStates)[number],
    z.ZodNumber
  >,
)

export const launchPreviewSchema = z.object({
  total: z.number().int(),
  idcs: z.array(z.object({ idc: z.string(), hosts: z.number().int() })),
  batches: z.array(z.number().int()),
  /** What runs on a host, as text. */
  preview: z.string().nullable(),
  problems: z.array(fieldProblemSchema),
  /** Names in the selector that no host has. */
  unknown: z.array(z.string()),
  /** At most 2,000, for the list shown before the run. */
  hosts: z.array(
    z.object({
      id: idSchema,
      name: z.string(),
      address: z.string(),
      idc: z.string(),
      driver: z.enum(driverNames),
    }),
  ),
  /** Whether the number of hosts must be typed, and why. */
  confirm: z.object({ needed: z.boolean(), reason: textSchema.nullable() }),
  /** Why the actor may not launch it; null when they may. */
  refused: textSchema.nullable(),
})
export type LaunchPreview = z.output<typeof launchPreviewSchema>

export const runSchema = z.object({
  id: idSchema,
  module: z.string(),
  moduleTitle: textSchema,
  /** Values of secret parameters are `***`. */
  params: z.record(z.string(), z.json()),
  selector: selectorSchema,
  check: z.boolean(),
  strategy: strategySchema,
  runAs: z.object({ user: z.string(), method: z.enum(['sudo', 'su']) }).nullable(),
  credential: z.string().nullable(),
  note: z.string(),
  state: z.enum(runStates),
  /** Why it ended before all hosts were tried: threshold, a person, the run's timeout. */
  stopReason: z.enum(['threshold', 'aborted', 'runTimeout']).nullable(),
  total: z.number().int(),
  counts: countsSchema,
  changed: z.number().int(),
  batches: z.array(z.number().int()),
  idcs: z.array(z.object({ idc: z.string(), hosts: z.number().int() })),
  startedBy: z.string(),
  rerunOf: idSchema.nullable(),
  createdAt: timeSchema,
  startedAt: timeSchema.nullable(),
  endedAt: timeSchema.nullable(),
  rev: z.number().int(),
  may: z.object({ abort: z.boolean(), rerun: z.boolean() }),
})
export type RunView = z.output<typeof runSchema>

export const runDetailSchema = runSchema.extend({
  /** The exact action, secrets as references. */
  action: z.json(),
  preview: z.string(),
  table: tableSpecSchema.nullable(),
  /** Median duration of the last ended runs of this module, for the estimate; null when there are none. */
  usualMs: z.number().nullable(),
})
export type RunDetail = z.output<typeof runDetailSchema>

/** One host in one attempt; short names because a page may hold 50,000 of them. */
export const hostResultSchema = z.object({
  hostId: idSchema,
  name: z.string(),
  address: z.string(),
  idc: z.string(),
  batch: z.number().int(),
  attempt: z.number().int(),
  state: z.enum(hostStates),
  reason: z.string().nullable(),
  message: z.string().nullable(),
  exit: z.number().int().nullable(),
  changed: z.boolean().nullable(),
  leftRunning: z.enum(['yes', 'no', 'unknown']).nullable(),
  startedAt: timeSchema.nullable(),
  endedAt: timeSchema.nullable(),
  durationMs: z.number().nullable(),
  outputBytes: z.number().int(),
  truncated: z.boolean(),
  answer: z.string().nullable(),
  rev: z.number().int(),
})
export type HostResultView = z.output<typeof hostResultSchema>

export const answerClusterSchema = z.object({
  answer: z.string(),
  hosts: z.number().int(),
  exit: z.number().int().nullable(),
  state: z.enum(hostStates),
  /** A host of the cluster and its output, at most 64 KiB, decoded, terminal escapes removed. */
  sample: z.object({
    hostId: idSchema,
    name: z.string(),
    output: z.string(),
    truncated: z.boolean(),
  }),
  /** At most 200 names. */
  names: z.array(z.string()),
  /** Every host of the cluster, by id, when asked for. */
  hostIds: z.array(idSchema).optional(),
})
export type AnswerClusterView = z.output<typeof answerClusterSchema>

const resultFilter = z.object({
  /** Comma-separated states. */
  state: z.string().max(200).optional(),
  answer: z.string().max(64).optional(),
  text: z.string().max(200).optional(),
  /** Only the last attempt of each host unless `all`. */
  attempts: z.enum(['last', 'all']).default('last'),
})

const byId = z.object({ id: idSchema })

/** Server-sent events of a run. `id:` is the run's rev. */
export const runEventSchema = z.discriminatedUnion('type', [
  /** First event, and after a gap: the run as it is now. */
  z.object({ type: z.literal('run.snapshot'), run: runSchema }),
  z.object({ type: z.literal('run.changed'), run: runSchema }),
  /** Rows with a greater rev than the last event, at most 2,000 an event. */
  z.object({
    type: z.literal('hosts.changed'),
    hosts: z.array(hostResultSchema),
    counts: countsSchema,
    rev: z.number().int(),
  }),
  z.object({
    type: z.literal('host.started'),
    hostId: idSchema,
    name: z.string(),
    attempt: z.number().int(),
  }),
  /** Only for hosts asked for in `output`. Text is decoded, escapes kept. */
  z.object({
    type: z.literal('host.output'),
    hostId: idSchema,
    name: z.string(),
    attempt: z.number().int(),
    stream: z.enum(['stdout', 'stderr']),
    offset: z.number().int(),
    text: z.string(),
  }),
  z.object({ type: z.literal('host.ended'), result: hostResultSchema }),
  z.object({
    type: z.literal('run.ended'),
    id: idSchema,
    status: z.enum(runStates),
    counts: countsSchema,
  }),
])
export type RunEvent = z.output<typeof runEventSchema>

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
      'MODULE_UNKNOWN',
      'SELECTOR_SYNTAX',
      'GROUP_UNKNOWN',
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
      'MODULE_UNKNOWN',
      'PARAMS_INVALID',
      'SELECTOR_SYNTAX',
      'SELECTOR_EMPTY',
      'SELECTOR_UNKNOWN_NAMES',
      'GROUP_UNKNOWN',
      'BATCH_SYNTAX',
      'THRESHOLD_SYNTAX',
      'CONFIRM_NEEDED',
      'COUNT_MISMATCH',
      'GRANT_MISSING',
      'LOCAL_ADMIN_ONLY',
      'CREDENTIAL_UNKNOWN',
      'DRIVER_LACKS',
      'MODULE_THREW',
      'MODULE_TIMEOUT',
      'RUN_ID_TAKEN',
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
      since: z.coerce.number().int().optional(),
      until: z.coerce.number().int().optional(),
    }),
    answer: pageOf(runSchema),
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
    query: z.object({
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
    query: z.object({
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
  rawOutput: route({
    id: 'runs.rawOutput',
    method: 'GET',
    path: '/api/runs/:id/hosts/:hostId/output.txt',
    summary: { zh: '下载一台主机的输出', en: 'Download the output of one host' },
    may: 'run.read',
    params: z.object({ id: idSchema, hostId: idSchema }),
    query: z.object({ attempt: z.coerce.number().int().optional() }),
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
    query: z.object({
      limit: z.coerce.number().int().min(1).max(500).default(50),
      hostIds: z.stringbool().default(false),
    }),
    answer: z.object({
      /** Largest first: the first is the majority. */
      clusters: z.array(answerClusterSchema),
      /** Clusters beyond `limit`. */
      more: z.number().int(),
      /** Ended hosts that gave no answer, by state and reason. */
      silent: z.array(
        z.object({
          state: z.enum(hostStates),
          reason: z.string().nullable(),
          hosts: z.number().int(),
          names: z.array(z.string()),
          message: z.string().nullable(),
        }),
      ),
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
    query: z.object({
      sort: z.string().max(64).optional(), // column key, `-` before it for descending
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
    query: z.object({
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
    body: z.object({
      id: z.uuid().optional(),
      /** Which hosts: all, every host that is not ok, hosts in these states, or of this answer. */
      which: z.union([
        z.literal('all'),
        z.literal('failed'),
        z.object({ states: z.array(z.enum(hostStates)).min(1) }),
        z.object({ answer: z.string().max(64) }),
        z.object({ hostIds: z.array(idSchema).min(1).max(100_000) }),
      ]),
      confirmHosts: z.number().int().optional(),
      /** Needed again when the run had one: it was forgotten when the run ended. */
      runAsPassword: z.string().max(1000).optional(),
      /** Likewise for secret parameters. */
      secrets: z.record(z.string(), z.string().max(10_000)).default({}),
    }),
    answer: runSchema,
    errors: [
      'RUN_UNKNOWN',
      'RUN_NOT_ENDED',
      'SELECTOR_EMPTY',
      'GRANT_MISSING',
      'CONFIRM_NEEDED',
      'COUNT_MISMATCH',
      'SECRET_NEEDED',
      'RUN_ID_TAKEN',
      'LOCAL_ADMIN_ONLY',
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
