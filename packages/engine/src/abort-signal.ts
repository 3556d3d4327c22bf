// The signal that says sooner what the intent board will say: `{ runId, reason }`. Never the only word of it.

export const ABORT_SIGNAL = 'run.abort'
