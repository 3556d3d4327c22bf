// One launch of a module or action on frozen targets.

import type { RunState } from './run-state.ts'

export interface RunKey {
  readonly runId: string
  readonly hostId: string
  readonly attempt: number
}

/** How a run came to be: launched by a person, repeated from another run. */
export type RunOrigin =
  | { readonly kind: 'launch' }
  | { readonly kind: 'rerun'; readonly of: string; readonly states: readonly string[] }

export type { RunState }
