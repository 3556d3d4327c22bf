// A run that a client began in an IDC, without the server: what it signs, and how everybody cuts it the same way.

import { z } from 'zod'
import type { Action } from './action.ts'
import { type DriverName, driverNames } from './host.ts'
import type { Json } from './json.ts'
import { SLICE_MAX_HOSTS } from './slice.ts'

/** What a client signs lies in one message, whose limit is that of a call. */
export const DIRECT_MAX_HOSTS = 2_000

const DAY_MS = 86_400_000

const submissionSchema = z.strictObject({
  runId: z.uuid(),
  idc: z.string().min(1).max(63),
  /** Name in the certificate of the client. */
  client: z.string().min(1).max(63),
  /** Clock of the client, ms. */
  at: z.number().int().nonnegative(),
  /** Of the book that the hosts were taken from. */
  book: z.number().int().nonnegative(),
  /** Of the log: begun in a store that was lost, it is not begun again in the next. */
  epoch: z.string().min(1).max(64),
  module: z.string().min(1).max(200),
  params: z.record(z.string(), z.json()),
  selector: z.string().min(1).max(100_000),
  check: z.boolean(),
  /** As the client evaluated it; whoever carries it out evaluates again, and compares. */
  action: z.custom<Action>((value) => typeof value === 'object' && value !== null),
  strategy: z.strictObject({
    concurrency: z.number().int().min(1).max(10_000),
    hostTimeoutMs: z.number().int().min(100).max(DAY_MS),
    retries: z.literal(0),
  }),
  /** In the order of their names, as they were shown. */
  hosts: z
    .array(
      z.strictObject({
        hostId: z.string().min(1).max(64),
        name: z.string().min(1).max(253),
        driver: z.enum(driverNames),
      }),
    )
    .min(1)
    .max(DIRECT_MAX_HOSTS),
})
export type DirectSubmission = z.output<typeof submissionSchema>

/** Throws ZodError. */
export const parseSubmission = (value: unknown): DirectSubmission => submissionSchema.parse(value)

export interface DirectSlice {
  readonly sliceId: string
  readonly driver: DriverName
  readonly concurrency: number
  /** Places in the list of hosts. */
  readonly positions: readonly number[]
}

/** Slices of such a run are numbered: who knows the submission knows each of them. */
const sliceIdOf = (runId: string, number: number): string => `${runId}:${number}`

/** undefined: an ordinary slice, which a server has cut. */
export const directRunOf = (sliceId: string): string | undefined => {
  const at = sliceId.indexOf(':')
  return at < 0 ? undefined : sliceId.slice(0, at)
}

/**
 * At most SLICE_MAX_HOSTS hosts of one driver each, all under way together; shares sum to the concurrency or less, as
 * long as that is not less than their number.
 */
export const cutDirect = ({
  runId,
  hosts,
  strategy,
}: Pick<DirectSubmission, 'runId' | 'hosts' | 'strategy'>): readonly DirectSlice[] => {
  const byDriver = Map.groupBy(hosts.keys(), (position) => hosts[position]?.driver ?? 'ssh')
  const groups = [...byDriver].flatMap(([driver, positions]) => {
    const count = Math.ceil(positions.length / SLICE_MAX_HOSTS)
    const even = Math.ceil(positions.length / count)
    return Array.from({ length: count }, (_, n) => ({
      driver,
      positions: positions.slice(n * even, (n + 1) * even),
    }))
  })
  // One for each first, the rest in proportion: the sum stays below the limit.
  const rest = Math.max(0, strategy.concurrency - groups.length)
  return groups.map(({ driver, positions }, number) => ({
    sliceId: sliceIdOf(runId, number),
    driver,
    positions,
    concurrency: Math.min(
      positions.length,
      1 + Math.floor((rest * positions.length) / hosts.length),
    ),
  }))
}

/** What a client signs to have its run ended. */
export const abortSchema = z.strictObject({
  runId: z.uuid(),
  client: z.string().min(1).max(63),
  at: z.number().int().nonnegative(),
})
export type DirectAbort = z.output<typeof abortSchema>

/** What a client asks before it submits: which hosts a selector means. */
export const directQuestionSchema = z.strictObject({
  client: z.string().min(1).max(63),
  at: z.number().int().nonnegative(),
  module: z.string().min(1).max(200),
  selector: z.string().min(1).max(100_000),
})
export type DirectQuestion = z.output<typeof directQuestionSchema>

export interface DirectAnswer {
  readonly book: number
  readonly epoch: string
  readonly hosts: readonly (DirectSubmission['hosts'][number] & {
    readonly address: string
    readonly encoding?: string
  })[]
  /** Of the book's server. */
  readonly settings: DirectSettings
  /** Why the user may not; absent when they may. */
  readonly refused?: { readonly code: string; readonly details: Readonly<Record<string, Json>> }
}

export interface DirectSettings {
  readonly confirmAbove: number
  readonly concurrency: number
  readonly hostTimeoutMs: number
}
