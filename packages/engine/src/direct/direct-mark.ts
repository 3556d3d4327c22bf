// A slice of a run that a client began, as it lies in the queue: nothing to believe, for all of it stands in the letter.

import { directRunOf } from '@omserver/core'

/** Where a sealed slice has its version. */
const VERSION = 2

export const directMark = (sliceId: string): Uint8Array =>
  Buffer.concat([Buffer.from([VERSION]), Buffer.from(sliceId)])

/** The run; undefined: a slice that a server has sealed, or none at all. */
export const readDirectMark = (sliceId: string, data: Uint8Array): string | undefined =>
  data[0] === VERSION && Buffer.from(data.subarray(1)).toString('utf8') === sliceId
    ? directRunOf(sliceId)
    : undefined
