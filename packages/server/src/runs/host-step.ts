// One step of a host: from the event to its row, from the row to its view.

import type { HostStepView, RunEvent } from '@omserver/api'
import type { HostStep } from '@omserver/core'
import type { HostStepsTable } from '../db/index.ts'
import type { HostRow } from './host-row.ts'

const NAME_CHARACTERS = 200
const TEXT_CHARACTERS = 500
const DIFF_BYTES = 64 * 1024

/** Within a slice and claim `n` is its own: what is reported twice is one row, and no item hides another. */
export const rowOfStep = (event: HostStep): HostStepsTable => ({
  run_id: event.runId,
  host_id: event.hostId,
  attempt: event.attempt,
  step: event.n,
  position: event.index,
  name: event.name.slice(0, NAME_CHARACTERS),
  item: event.item?.slice(0, TEXT_CHARACTERS) ?? null,
  state: event.state,
  exit: event.exit ?? null,
  changed: event.changed === undefined ? null : event.changed ? 1 : 0,
  duration_ms: event.durationMs ?? null,
  diff: event.diff === undefined ? null : cappedDiff(event.diff),
  message: event.message?.slice(0, TEXT_CHARACTERS) ?? null,
})

/** The whole lines that fit, and a last one that says so. */
export const cappedDiff = (diff: string): string => {
  const bytes = Buffer.from(diff)
  if (bytes.length <= DIFF_BYTES) return diff
  const mark = `… +${bytes.length - DIFF_BYTES} B`
  const kept = bytes.subarray(0, DIFF_BYTES - Buffer.byteLength(mark) - 1)
  const end = kept.lastIndexOf('\n')
  // A line that fills it all may be cut in the middle of a sign.
  const text = kept.subarray(0, end > 0 ? end : kept.length).toString('utf8')
  return `${text.replace(/\uFFFD$/, '')}\n${mark}`
}

const factsOf = (row: HostStepsTable): Omit<HostStepView, 'index' | 'name'> => ({
  item: row.item,
  state: row.state as HostStepView['state'],
  exit: row.exit,
  changed: row.changed === null ? null : row.changed === 1,
  durationMs: row.duration_ms,
  diff: row.diff,
  message: row.message,
})

const indexOf = (row: HostStepsTable): number => row.position ?? row.step

export const viewOfStep = (row: HostStepsTable): HostStepView => ({
  index: indexOf(row),
  name: row.name,
  ...factsOf(row),
})

export const stepEvent = (row: HostRow, step: HostStepsTable): RunEvent => ({
  type: 'host.step',
  hostId: row.host_id,
  name: row.name,
  attempt: row.attempt,
  index: indexOf(step),
  task: step.name,
  ...factsOf(step),
})
