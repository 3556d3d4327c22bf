// What a client calls controllers for. Arguments are letters; what is answered, only who asked can read.

import type { Json, ProblemDetails } from '@omserver/core'

export const DIRECT_ASK = 'direct.ask'
export const DIRECT_RUN = 'direct.run'
export const DIRECT_ABORT = 'direct.abort'
/** By the id of a run: the letter that began it, as it lies there. */
export const DIRECT_LETTER = 'direct.letter'

/** Inside of an answer: what was asked for, or why not, in the words of the error table. */
export type DirectReply =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly code: string; readonly details: ProblemDetails }

/** Keys of the board of what was begun, beside the letters, which lie under the ids of their runs. */
export const abortKey = (runId: string): string => `abort ${runId}`
export const takenKey = (sliceId: string): string => `taken ${sliceId}`
