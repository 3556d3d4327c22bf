// What the action of a run refers to is given to the engine once in each process: it may have lost it with all else.

import { Problem } from '@omserver/core'
import type { Logger } from 'pino'

/** Rejects with what may pass, so that it is tried again. */
export const provideOnce = (
  provide: () => Promise<void>,
  of: { readonly run: string; readonly log: Logger },
): (() => Promise<void>) => {
  let over = false
  return async () => {
    if (over) return
    try {
      await provide()
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      // It will not come back by waiting: the hosts end with what their controller finds missing.
      of.log.error({ err: error, run: of.run }, 'what a run needs is gone')
    }
    over = true
  }
}
