// Which versions of the protocol of calls work together: one apart, in both directions.

import { Problem } from '@omserver/core'

/** One more when a method, an argument or an answer changes in a way that the other side has to know of. */
export const PROTOCOL = 1

/** Of a request that does not say. */
export const FIRST_PROTOCOL = 1

/** Throws PROTOCOL_APART {peer, theirs, ours}. */
export const checkProtocol = (peer: string, theirs: number, ours: number): void => {
  if (Number.isInteger(theirs) && Math.abs(theirs - ours) <= 1) return
  throw new Problem('PROTOCOL_APART', { peer, theirs, ours })
}
