// What a called function returned, as text, and whether that is success.

import type { HostEnd } from '@omserver/core'
import type { MinionReturn } from './salt-master.ts'
import { isTrimmed, TRIMMED_TEXT } from './trimmed.ts'

export interface CallOutcome {
  readonly text: string
  readonly end: HostEnd
}

const isUnknown = (value: unknown): value is string =>
  typeof value === 'string' && /^'[\w.]+' is not available\./.test(value)

/**
 * Salt's own word counts: `retcode` and `success` of the return. That a function answers False or None is an answer
 * (`service.status`), not a failure; an unknown function answers with a text, and says so in `success`.
 */
export const callOutcome = (
  fun: string,
  { value, retcode, success }: MinionReturn,
): CallOutcome => {
  const text = `${JSON.stringify(value ?? null, null, 2)}\n`
  const more = isTrimmed(value) ? { message: TRIMMED_TEXT } : {}
  if (isUnknown(value)) {
    const message = `this minion has no function ${fun}: ${value.slice(0, 300)}`
    return { text, end: { state: 'failed', reason: 'exit', message } }
  }
  if (retcode === 0 && success !== false) return { text, end: { state: 'ok', exit: 0, ...more } }
  const first =
    typeof value === 'string'
      ? value
          .trim()
          .split('\n')
          .findLast((line) => line.trim() !== '')
      : undefined
  return {
    text,
    end: {
      state: 'failed',
      reason: 'exit',
      exit: retcode,
      message: first?.trim() || `${fun} returned with retcode ${retcode}`,
    },
  }
}
