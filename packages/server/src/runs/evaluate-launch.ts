// From what a person asked for to what will run: parameters checked, secrets taken out, the account put in.

import type { launchInput, Settings } from '@omserver/api'
import {
  type Action,
  type FieldProblem,
  Problem,
  type RunAs,
  type Strategy,
  secretFields,
  secretRefsIn,
} from '@omserver/core'
import type { z } from 'zod'
import type { CatalogueEntry } from '../modules/index.ts'
import { maskOf, type WhatToRun } from './launch-plan.ts'
import type { RunParts } from './ports.ts'
import { withRunAs } from './run-as.ts'
import { partsOfRef, RUN_AS_PASSWORD, refOfRun } from './secret-refs.ts'

export type ParsedLaunch = z.output<typeof launchInput>

/**
 * `problems` are those of the parameters; the action is null then.
 * Throws Problem MODULE_UNKNOWN, MODULE_THREW, MODULE_TIMEOUT.
 */
export const evaluateLaunch = async (
  parts: Pick<RunParts, 'modules' | 'settings'>,
  input: ParsedLaunch,
  runId: string,
): Promise<WhatToRun> => {
  const entry = await parts.modules.find(input.module)
  if (!entry) throw new Problem('MODULE_UNKNOWN', { module: input.module })
  const names = new Set(secretFields(entry.fields))
  const { params, shown, secrets, problems } = takeSecrets(input.params, names, runId)
  const password = input.runAs?.password
  if (password) secrets.set(RUN_AS_PASSWORD, password)
  const evaluation = await parts.modules.evaluate(entry.name, params, { check: input.check })
  const action = evaluation.ok ? evaluation.action : null
  if (action) requireOwnRefs(entry, action, runId)
  return {
    module: entry.name,
    title: entry.title,
    params: shown,
    check: input.check,
    action: action && input.runAs ? withRunAs(action, runAsOf(input.runAs, runId)) : action,
    mask: maskOf(entry.mask),
    table: entry.table ?? null,
    dangerous: input.check ? undefined : entry.dangerous,
    runAs: input.runAs ? { user: input.runAs.user, method: input.runAs.method } : null,
    strategy: strategyOf(input.strategy, entry.timeoutMs, await parts.settings.read()),
    secrets,
    problems: [...problems, ...(evaluation.ok ? [] : evaluation.problems)],
  }
}

/** Throws Problem PARAMS_INVALID {problems, fields}. */
export const requireParams = ({ problems }: Pick<WhatToRun, 'problems'>): void => {
  if (problems.length === 0) return
  throw new Problem('PARAMS_INVALID', {
    problems: problems.map(({ field, message }) => ({
      zh: `${field}：${message.zh}`,
      en: `${field}: ${message.en}`,
    })),
    fields: problems.map(({ field, code, message }) => ({ field, code, message: { ...message } })),
  })
}

interface TakenSecrets {
  /** As the module gets them: references instead of secrets. */
  readonly params: Readonly<Record<string, unknown>>
  /** As they are stored and shown. */
  readonly shown: WhatToRun['params']
  readonly secrets: Map<string, string>
  readonly problems: readonly FieldProblem[]
}

export const takeSecrets = (
  given: ParsedLaunch['params'],
  names: ReadonlySet<string>,
  runId: string,
): TakenSecrets => {
  const params: Record<string, unknown> = { ...given }
  const shown: Record<string, ParsedLaunch['params'][string]> = { ...given }
  const secrets = new Map<string, string>()
  const problems: FieldProblem[] = []
  for (const name of names) {
    const value = given[name]
    delete params[name]
    if (value === undefined || value === null || value === '') continue
    shown[name] = '***'
    if (typeof value === 'string') {
      params[name] = refOfRun(runId, name)
      secrets.set(name, value)
    } else {
      const message = { zh: '应为文本', en: 'must be text' }
      problems.push({ field: name, code: 'SECRET_NOT_TEXT', message })
    }
  }
  return { params, shown, secrets, problems }
}

/** A parameter that looks like a reference must not open the secret of somebody else's run. */
const requireOwnRefs = (entry: CatalogueEntry, action: Action, runId: string): void => {
  const foreign = secretRefsIn(action).find((ref) => partsOfRef(ref)?.runId !== runId)
  if (foreign === undefined) return
  const message = 'it refers to a secret that is not of this run'
  throw new Problem('MODULE_THREW', { module: entry.name, message })
}

const runAsOf = (given: NonNullable<ParsedLaunch['runAs']>, runId: string): RunAs => ({
  user: given.user,
  method: given.method,
  ...(given.password ? { password: refOfRun(runId, RUN_AS_PASSWORD) } : {}),
})

export const strategyOf = (
  given: Partial<Strategy>,
  moduleTimeoutMs: number | undefined,
  settings: Settings,
): Strategy => ({
  concurrency: given.concurrency ?? settings.defaultConcurrency,
  hostTimeoutMs: given.hostTimeoutMs ?? moduleTimeoutMs ?? settings.defaultHostTimeoutMs,
  retries: given.retries ?? 0,
  ...(given.batches ? { batches: given.batches } : {}),
  ...(given.maxFailures ? { maxFailures: given.maxFailures } : {}),
  ...(given.runTimeoutMs === undefined ? {} : { runTimeoutMs: given.runTimeoutMs }),
  ...(given.detach === undefined ? {} : { detach: given.detach }),
})
