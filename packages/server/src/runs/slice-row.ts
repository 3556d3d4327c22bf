// A slice as a row of its table, when it is offered.

import type { Slice } from '@omserver/core'
import type { SlicesTable } from '../db/index.ts'
import { writePositions } from './positions.ts'

export const rowOfSlice = (
  slice: Slice,
  positionOf: ReadonlyMap<string, number>,
  at: number,
): SlicesTable => ({
  id: slice.sliceId,
  run_id: slice.runId,
  idc: slice.idc,
  driver: slice.driver,
  batch: slice.batch,
  attempt: slice.attempt,
  concurrency: slice.concurrency,
  hosts: slice.hosts.length,
  positions: writePositions(slice.hosts.map(({ hostId }) => positionOf.get(hostId) ?? 0)),
  ended_hosts: 0,
  fence: 0,
  offered_at: at,
  ended_at: null,
})
