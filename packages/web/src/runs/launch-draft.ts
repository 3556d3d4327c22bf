// What has been filled in for a launch: kept for this tab by module, so that a reload loses nothing but secrets. Pure parts.

import type { RunView } from '@omserver/api'
import type { FormField } from '@omserver/core'
import * as z from 'zod/mini'
import { maybe, maybeText } from '../address.ts'
import type { FormValues } from '../modules/index.ts'

const number = maybe(z.number())

const runAsSchema = z.object({
  user: maybeText(64),
  method: maybe(z.enum(['sudo', 'su'])),
  /** Never kept. */
  password: maybeText(1000),
  credential: maybeText(100),
})

const draftSchema = z.object({
  values: z.catch(z.record(z.string(), z.json()), {}),
  strategy: z.catch(
    z.object({
      concurrency: number,
      batches: maybeText(500),
      maxFailures: maybeText(20),
      hostTimeoutMs: number,
      runTimeoutMs: number,
      retries: number,
      detach: maybe(z.boolean()),
    }),
    {},
  ),
  access: z.catch(runAsSchema, {}),
  check: z.catch(z.boolean(), false),
  note: z.catch(z.string().check(z.maxLength(500)), ''),
})
export interface LaunchDraft extends Omit<z.output<typeof draftSchema>, 'values'> {
  readonly values: FormValues
}
export type RunAsDraft = LaunchDraft['access']
export type StrategyDraft = LaunchDraft['strategy']

export const emptyDraft: LaunchDraft = draftSchema.parse({})

/** undefined: nothing was kept. */
export const parseDraft = (kept: unknown): LaunchDraft | undefined => {
  const read = draftSchema.safeParse(kept)
  return read.success ? read.data : undefined
}

/** What may be kept of it; undefined: nothing worth it. */
export const withoutSecrets = (
  draft: LaunchDraft,
  fields: readonly Pick<FormField, 'name' | 'kind'>[],
): LaunchDraft | undefined => {
  const secret = new Set(fields.filter(({ kind }) => kind === 'secret').map(({ name }) => name))
  const { password: _password, ...access } = draft.access
  const kept = {
    ...draft,
    values: Object.fromEntries(Object.entries(draft.values).filter(([name]) => !secret.has(name))),
    access,
  }
  return JSON.stringify(kept) === JSON.stringify(emptyDraft) ? undefined : kept
}

/** The form of a run that is repeated; its secrets were never stored, so they are asked for again. */
export const draftOf = (run: RunView): LaunchDraft => ({
  values: Object.fromEntries(Object.entries(run.params).filter(([, value]) => value !== '***')),
  strategy: run.strategy,
  access: {
    ...(run.runAs === null ? {} : { user: run.runAs.user, method: run.runAs.method }),
    ...(run.credential === null ? {} : { credential: run.credential }),
  },
  check: run.check,
  note: '',
})
