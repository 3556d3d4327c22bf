// Gathers what the slices of one IDC report within a turn, and appends it to the log at once.

import type { SliceEvent } from '@omserver/core'
import type { EventLog, Idc } from '@omserver/engine'

export interface Outbox {
  /** In the order of the calls. Resolves when the event is durable, rejects when it cannot become so. */
  add(event: SliceEvent): Promise<void>
}

export const createOutbox = (log: EventLog, idc: Idc): Outbox => {
  let gathered: SliceEvent[] = []
  let appended: Promise<void> | undefined

  return {
    add(event) {
      gathered.push(event)
      // One promise for all that is gathered: seventy thousand events make some hundred promises.
      appended ??= Promise.resolve().then(() => {
        const events = gathered
        gathered = []
        appended = undefined
        return log.append(idc, events)
      })
      return appended
    },
  }
}
