// How hosts end that a stopped run will not carry out, and what controllers are told.

import type { HostEnd } from '@omserver/core'
import type { RunIntent } from '@omserver/engine'
import type { HostRow } from './host-row.ts'
import type { StopReason } from './run-record.ts'

export const intentOf = (reason: StopReason): RunIntent => {
  switch (reason) {
    case 'threshold':
      return { want: 'stop', reason: 'threshold' }
    case 'aborted':
      return { want: 'abort', reason: 'byPerson' }
    case 'runTimeout':
      return { want: 'abort', reason: 'runTimeout' }
  }
}

/** Of a host that nobody carries out any more. */
export const endWhenStopped = (reason: StopReason, row: HostRow): HostEnd => {
  const leftRunning = row.state === 'running' ? 'unknown' : 'no'
  switch (reason) {
    case 'threshold':
      return row.state === 'running'
        ? { state: 'lost', reason: 'controllerLost', leftRunning }
        : { state: 'skipped', reason: 'threshold' }
    case 'aborted':
      return { state: 'aborted', reason: 'byPerson', leftRunning }
    case 'runTimeout':
      return { state: 'timedOut', reason: 'runTimeout', leftRunning }
  }
}
