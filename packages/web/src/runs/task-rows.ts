// What a host reported of a playbook or of states, as a list for the eye: a row for each task, its items below it. Pure.

import type { HostStepView } from '@omserver/api'

export interface TaskRow {
  readonly key: string
  readonly name: string
  readonly state: HostStepView['state']
  readonly changed: boolean | null
  readonly durationMs: number | null
  /** What was reported of the task itself; undefined: only its items have been. */
  readonly whole: HostStepView | undefined
  readonly items: readonly { readonly key: string; readonly step: HostStepView }[]
}

/** In the order in which the tasks began to report; what was said of one task again replaces what was said before. */
export const taskRows = (steps: readonly HostStepView[]): readonly TaskRow[] => {
  const groups = Map.groupBy(steps, ({ index, name }) => `${index} ${name}`)
  return [...groups].map(([key, group]) => rowOf(key, group))
}

const rowOf = (key: string, group: readonly HostStepView[]): TaskRow => {
  const whole = group.findLast(({ item }) => item === null)
  const parts = group.filter(({ item }) => item !== null)
  const all = whole === undefined ? parts : [whole]
  return {
    key,
    name: group[0]?.name ?? '',
    state: whole?.state ?? worst(parts),
    changed: anyChanged(group),
    durationMs: all.some(({ durationMs }) => durationMs !== null)
      ? all.reduce((sum, { durationMs }) => sum + (durationMs ?? 0), 0)
      : null,
    whole,
    // Two items may have one name, so their place is their key.
    items: parts.map((step, place) => ({ key: String(place), step })),
  }
}

const worst = (steps: readonly HostStepView[]): HostStepView['state'] => {
  if (steps.some(({ state }) => state === 'failed')) return 'failed'
  return steps.some(({ state }) => state === 'ok') ? 'ok' : 'skipped'
}

const anyChanged = (steps: readonly HostStepView[]): boolean | null => {
  const known = steps.flatMap(({ changed }) => (changed === null ? [] : [changed]))
  return known.length === 0 ? null : known.includes(true)
}

export const taskCounts = (
  rows: readonly TaskRow[],
): { readonly changed: number; readonly failed: number } => ({
  changed: rows.filter(({ changed }) => changed === true).length,
  failed: rows.filter(({ state }) => state === 'failed').length,
})
