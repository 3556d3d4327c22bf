// Sealing of a client: it reads what is said of the slices of its own runs, and writes nothing.

import { directRunOf } from '@omserver/core'
import { sliceKeyOf } from '../direct/run-key.ts'
import { openBytes } from './sealed-bytes.ts'
import { eventsContext } from './sealed-slice.ts'
import type { Sealing } from './sealing.ts'

const refuse = (): never => {
  throw new Error('a client writes nothing')
}

/** @param runKeys by run; more may be added */
export const clientSealing = (runKeys: ReadonlyMap<string, Uint8Array>): Sealing => ({
  sealSlice: async () => refuse(),
  openSlice: async () => refuse(),
  forget: () => undefined,
  sealEvents: refuse,
  openEvents(sliceId, sealed) {
    const key = runKeys.get(directRunOf(sliceId) ?? '')
    if (!key) throw new Error(`slice ${sliceId} is not of a run of ours`)
    return openBytes(sliceKeyOf(key, sliceId), sealed, eventsContext(sliceId))
  },
})
