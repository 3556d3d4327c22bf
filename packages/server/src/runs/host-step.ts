// One step of a host: from the event to its row, from the row to its view.

import type { HostStepView, RunEvent } from '@omserver/api'
import type { HostStep } from '@omserver/core'
import type { HostStepsTable } from '../db/index.ts'
import type { HostRow } from './host-row.ts'

const NAME_CHARACTERS = 200

export const rowOfStep = (event: HostStep): HostStepsTable => ({
  run_id: event.runId,
  host_id: event.hostId,
  attempt: event.attempt,
  step: event.index,
  name: event.name.slice(0, NAME_CHARACTERS),
  state: event.state,
  exit: event.exit ?? null,
  changed: event.changed === undefined ? null : event.changed ? 1 : 0,
  duration_ms: event.durationMs ?? null,
})

export const viewOfStep = (row: HostStepsTable): HostStepView => ({
  index: row.step,
  name: row.name,
  state: row.state as HostStepView['state'],
  exit: row.exit,
  changed: row.changed === null ? null : row.changed === 1,
  durationMs: row.duration_ms,
})

export const stepEvent = (row: HostRow, step: HostStepsTable): RunEvent => ({
  type: 'host.step',
  hostId: row.host_id,
  name: row.name,
  attempt: row.attempt,
  step: viewOfStep(step),
})
