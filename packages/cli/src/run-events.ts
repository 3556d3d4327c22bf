// A run's server-sent events as the JSON lines other programs read: flat, one event a line, run.ended last.

import type { RunEvent } from '@omserver/api'
import type { Json } from '@omserver/core'

/** Lines for one event of the `each` form; snapshots are for screens and yield none. */
export const jsonLinesOf = (event: RunEvent, runId: string): readonly Record<string, Json>[] => {
  switch (event.type) {
    case 'run.snapshot':
    case 'run.changed':
      return []
    case 'hosts.changed':
      return []
    case 'host.started':
      return [
        {
          type: 'host.started',
          run: runId,
          host: event.name,
          hostId: event.hostId,
          attempt: event.attempt,
        },
      ]
    case 'host.output':
      return [
        {
          type: 'host.output',
          run: runId,
          host: event.name,
          hostId: event.hostId,
          attempt: event.attempt,
          stream: event.stream,
          offset: event.offset,
          text: event.text,
        },
      ]
    case 'host.step':
      return [
        {
          type: 'host.step',
          run: runId,
          host: event.name,
          hostId: event.hostId,
          attempt: event.attempt,
          index: event.index,
          step: event.task,
          task: event.task,
          item: event.item,
          state: event.state,
          exit: event.exit,
          changed: event.changed,
          durationMs: event.durationMs,
          diff: event.diff,
          message: event.message,
        },
      ]
    case 'host.ended': {
      const { name, ...result } = event.result
      return [{ type: 'host.ended', run: runId, host: name, ...result }]
    }
    case 'run.ended':
      return [{ type: 'run.ended', id: event.id, status: event.status, counts: event.counts }]
    default:
      return event satisfies never
  }
}
