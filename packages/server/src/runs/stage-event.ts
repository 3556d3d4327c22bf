// What an event of a controller changes. Duplicates change nothing; what comes from behind a fence never does.

import { isEnd, type SliceEvent } from '@omserver/core'
import type { Stage } from './stage.ts'

/**
 * `late`: reported under a claim that is not the slice's last one, of a slice the server has closed, or of a host
 * that is another slice's by now.
 */
export type Outcome = 'staged' | 'repeated' | 'late'

/** @param at the server's clock; durations are the controller's own */
export const stageEvent = (stage: Stage, event: SliceEvent, at: number): Outcome => {
  const slice = stage.slice(event.sliceId)
  if (!slice) return 'late'
  if (event.kind === 'slice.claimed') {
    if (event.fence <= slice.fence) return event.fence === slice.fence ? 'repeated' : 'late'
    stage.claim(slice, event.fence)
    stage.startedAt ??= at
    return 'staged'
  }
  if (slice.fence === 0 || event.fence !== slice.fence) return 'late'
  if (event.kind === 'slice.note') return 'staged'
  const position = stage.active.positionOf.get(event.hostId)
  if (position === undefined) return 'late'
  const row = stage.row(position)
  if (row.slice_id !== event.sliceId || row.attempt !== event.attempt) return 'late'
  if (isEnd(row.state)) return 'repeated'
  stage.startedAt ??= at
  switch (event.kind) {
    case 'host.started':
      if (row.state === 'running') return 'repeated'
      stage.start(position, event.fence, at)
      return 'staged'
    case 'host.output': {
      const { stream, offset, bytes } = event
      const kept = stage.kept(position)
      if (offset + bytes.length <= kept) return 'repeated'
      const rest = offset < kept ? bytes.subarray(kept - offset) : bytes
      stage.output(position, { stream, offset: Math.max(offset, kept), bytes: rest })
      return 'staged'
    }
    case 'host.ended':
      stage.end(position, event.fence, event.end, {
        at,
        durationMs: event.durationMs,
        answer: event.answer,
        // Who ends the host of a controller that died knows nothing of what it had said.
        outputBytes: Math.max(event.outputBytes, stage.kept(position)),
        truncated: event.truncated,
      })
      if (stage.tally.failures > stage.active.failuresAllowed) stage.stopReason ??= 'threshold'
      return 'staged'
    case 'host.file':
      stage.file(position, event)
      return 'staged'
    case 'host.step':
      stage.step(position, event)
      return 'staged'
    case 'host.keySeen':
      return 'staged'
  }
}
