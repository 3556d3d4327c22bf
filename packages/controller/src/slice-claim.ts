// Takes a slice for this controller, and reads what became of its hosts under earlier claims.

import type { Clock, Slice } from '@omserver/core'
import type { EventLog, Idc } from '@omserver/engine'

export interface SliceClaim {
  readonly fence: number
  /** As far as the log remembers, nobody has had it before. */
  readonly isFirst: boolean
  /** Ended under an earlier claim: to be left alone. */
  readonly ended: ReadonlySet<string>
  /** Started under an earlier claim, and not ended: nobody knows what became of them. */
  readonly started: ReadonlySet<string>
}

const nobody: ReadonlySet<string> = new Set()

/** undefined: another controller has it. */
export const claimSlice = async (
  log: EventLog,
  idc: Idc,
  slice: Slice,
  by: string,
  clock: Clock,
): Promise<SliceClaim | undefined> => {
  const claim = { sliceId: slice.sliceId, runId: slice.runId, by, at: clock.now() }
  const first = await log.claim(idc, claim, 0)
  if (first.ok) return { fence: first.fence, isFirst: true, ended: nobody, started: nobody }
  const again = await log.claim(idc, claim, first.fence)
  if (!again.ok) return undefined
  // Read after our claim: whatever an earlier holder writes from now on lies behind its fence.
  const ended = new Set<string>()
  const started = new Set<string>()
  for (const { event } of await log.history(idc, slice.sliceId)) {
    if (event.kind === 'host.started') started.add(event.hostId)
    if (event.kind === 'host.ended') {
      started.delete(event.hostId)
      ended.add(event.hostId)
    }
  }
  return { fence: again.fence, isFirst: false, ended, started }
}
