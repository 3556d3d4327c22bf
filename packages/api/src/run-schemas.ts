// What runs look like on the wire: strategy, launch, run, results, answers, events.

import { driverNames, hostStates, runStates } from '@omserver/core'
import { z } from 'zod'
import { fieldProblemSchema, tableSpecSchema } from './modules.ts'
import { idSchema, selectorSchema, textSchema, timeSchema } from './text-schema.ts'

export const strategyInput = z.strictObject({
  concurrency: z.number().int().min(1).max(10_000).optional(),
  batches: z.string().max(500).optional(),
  maxFailures: z.string().max(20).optional(),
  hostTimeoutMs: z.number().int().min(100).max(86_400_000).optional(),
  runTimeoutMs: z.number().int().min(1000).max(604_800_000).optional(),
  retries: z.number().int().min(0).max(5).optional(),
  /** Commands go on by themselves on their hosts. Absent: shell and script actions with more than ten minutes for a host do. */
  detach: z.boolean().optional(),
})
export const strategySchema = strategyInput.required({
  concurrency: true,
  hostTimeoutMs: true,
  retries: true,
})

export const runAsInput = z.strictObject({
  user: z.string().min(1).max(64),
  method: z.enum(['sudo', 'su']).default('sudo'),
  /** Sent once, kept encrypted until the run has ended, then forgotten. */
  password: z.string().max(1000).optional(),
})

export const launchInput = z.strictObject({
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
  /** Whether commands go on by themselves on their hosts, and why they cannot. */
  detached: z.object({
    detached: z.boolean(),
    because: z.enum(['steps', 'file', 'tool', 'disconnect', 'check']).optional(),
  }),
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
  /** Its commands go on by themselves on their hosts, through a lost connection and a restart. */
  detached: z.boolean(),
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
  /** A client began it in its IDC without the server, which recorded it when it heard of it. */
  begun: z
    .object({
      idc: z.string(),
      client: z.string(),
      /** Clock of the client. */
      at: timeSchema,
      /** Why the server would not have allowed it when it heard of it. */
      objection: textSchema.nullable(),
    })
    .nullable(),
  may: z.object({ abort: z.boolean(), rerun: z.boolean() }),
})
export type RunView = z.output<typeof runSchema>

export const runDetailSchema = runSchema.extend({
  /** The exact action, secrets as references. */
  action: z.json(),
  preview: z.string(),
  table: tableSpecSchema.nullable(),
  /** It is told task by task what changed and what failed: see `runs.tasks`. */
  tellsTasks: z.boolean(),
  /** The projects its playbooks are of, as they were when it was launched. */
  projects: z.array(
    z.object({
      name: z.string(),
      /** null: it comes from a folder. */
      commit: z.string().nullable(),
      /** Of the archive that was carried out, hex. */
      sha256: z.string(),
      bytes: z.number().int(),
    }),
  ),
  /** What a rerun must be given again: names of secret parameters, and `runAsPassword`. */
  secrets: z.array(z.string()),
  /** IDCs in which hosts wait that nobody takes now: why, and what to do. */
  waitsFor: z.array(z.object({ idc: z.string(), what: textSchema, todo: textSchema })),
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

const stepFacts = {
  /** Of a task that loops: which of its items. */
  item: z.string().nullable(),
  /** `skipped`: what its `when` asks for did not hold. */
  state: z.enum(['ok', 'failed', 'skipped']),
  exit: z.number().int().nullable(),
  changed: z.boolean().nullable(),
  durationMs: z.number().nullable(),
  /** What changed, or would: at most 64 KiB. */
  diff: z.string().nullable(),
  /** One line, as the tool said it. */
  message: z.string().nullable(),
}

/** A step of a host whose action has several, a task of a playbook, a state. What was not reached is not there. */
export const hostStepSchema = z.object({
  /** Position in the action, from 0; the items of a task share it. */
  index: z.number().int(),
  name: z.string(),
  ...stepFacts,
})
export type HostStepView = z.output<typeof hostStepSchema>

export const answerClusterSchema = z.object({
  answer: z.string(),
  hosts: z.number().int(),
  exit: z.number().int().nullable(),
  state: z.enum(hostStates),
  /** Why they are not ok: a key of `endAdvice`. */
  reason: z.string().nullable(),
  /** What the sample said of its end. */
  message: z.string().nullable(),
  /** Whether the action changed anything; null where it does not tell. */
  changed: z.boolean().nullable(),
  /** A host of the cluster and its output, at most 64 KiB, decoded, terminal escapes removed. */
  sample: z.object({
    hostId: idSchema,
    name: z.string(),
    address: z.string(),
    output: z.string(),
    truncated: z.boolean(),
    /** All that the host sent, in bytes. */
    outputBytes: z.number().int(),
  }),
  /** At most 200 names. */
  names: z.array(z.string()),
  /** Every host of the cluster, by id, when asked for. */
  hostIds: z.array(idSchema).optional(),
})
export type AnswerClusterView = z.output<typeof answerClusterSchema>

/** Ended hosts that gave no answer and have the same cause. */
export const silentGroupSchema = z.object({
  state: z.enum(hostStates),
  reason: z.string().nullable(),
  /** false: nothing of the action was ever sent to them. */
  started: z.boolean(),
  leftRunning: z.enum(['yes', 'no', 'unknown']).nullable(),
  hosts: z.number().int(),
  /** At most 200 names. */
  names: z.array(z.string()),
  /** What one of them said; null where nothing was said, or too many different things. */
  message: z.string().nullable(),
})

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
  /** A step has ended. Form `each`: of every host; form `hosts`: of those asked for in `output`. May be repeated. */
  z.object({
    type: z.literal('host.step'),
    hostId: idSchema,
    name: z.string(),
    attempt: z.number().int(),
    index: z.number().int(),
    /** Name of the step, the task, the state. */
    task: z.string(),
    ...stepFacts,
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
