// What a client has begun, checked as the server would: who, what, on which hosts. By whoever takes it, and by each of
// those who take a part of it: nobody is believed to have checked it before.

import {
  type Action,
  type AnswerMask,
  type BookHost,
  type Clock,
  type DirectSubmission,
  hostsToBegin,
  type Json,
  Problem,
  parseSubmission,
} from '@omserver/core'
import {
  type Letter,
  type OpenedBook,
  type OpeningKey,
  openLetter,
  type Verifier,
} from '@omserver/engine'

/** A module by its name. Throws Problem MODULE_NOT_HERE, PARAMS_INVALID, DIRECT_NO_SECRETS. */
export type Evaluate = (
  module: string,
  params: Readonly<Record<string, Json>>,
  check: boolean,
) => { readonly action: Action | null; readonly mask: readonly AnswerMask[] }

export interface CheckParts {
  readonly own: OpeningKey
  readonly verifier: Verifier
  readonly evaluate: Evaluate
  readonly clock: Clock
}

export interface CheckedRun {
  readonly key: Uint8Array
  readonly submission: DirectSubmission
  /** In the order of the submission. */
  readonly hosts: readonly BookHost[]
  readonly mask: readonly AnswerMask[]
}

const DAY_MS = 24 * 60 * 60 * 1000
/** A slice may wait for a controller; whatever is older is nobody's any more. */
export const WAITS_AT_MOST_MS = 8 * DAY_MS
export const BEGUN_WITHIN_MS = DAY_MS

/** Throws Problem DIRECT_OLD. Clocks are compared as those of certificates are: in days. */
export const requireRecent = (at: number, clock: Clock, withinMs: number): void => {
  if (Math.abs(clock.now() - at) <= withinMs) return
  throw new Problem('DIRECT_OLD', { at: new Date(at).toISOString() })
}

/** Rejects with Problem, with NotProven, and when it cannot be read. */
export const checkedRun = async (
  letter: Letter,
  site: { readonly idc: string; readonly epoch: string; readonly book: () => Promise<OpenedBook> },
  parts: CheckParts & { readonly withinMs: number },
): Promise<CheckedRun> => {
  const { idc, epoch } = site
  const opened = await openLetter(letter, { kind: 'run', idc }, parts)
  const submission = readSubmission(opened.content)
  const fits =
    submission.runId === letter.run && submission.idc === idc && submission.client === opened.client
  // It says of itself that it is another one.
  if (!fits) throw new Problem('DIRECT_UNREADABLE')
  requireRecent(opened.at, parts.clock, parts.withinMs)
  if (submission.epoch !== epoch) throw new Problem('DIRECT_STORE_LOST', { idc })
  const { module, params, check, action } = submission
  const evaluated = parts.evaluate(module, params, check)
  // Grants are for modules: what it is called must be what it does.
  if (JSON.stringify(evaluated.action) !== JSON.stringify(action)) {
    throw new Problem('DIRECT_MODULE_DIFFERS', { module })
  }
  const { book } = await site.book()
  return {
    key: opened.key,
    submission,
    hosts: hostsToBegin(book, submission),
    mask: evaluated.mask,
  }
}

const readSubmission = (content: unknown): DirectSubmission => {
  try {
    return parseSubmission(content)
  } catch {
    throw new Problem('DIRECT_UNREADABLE')
  }
}
