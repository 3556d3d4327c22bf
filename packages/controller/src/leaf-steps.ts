// Carries out an action on one host: one leaf, or steps in order until one is not ok.

import {
  type Action,
  decodeOutput,
  type HostEnd,
  leavesOf,
  type StepCondition,
  type StepsAction,
} from '@omserver/core'
import type { Driver, HostReport, HostWork, ReportedStep } from './driver.ts'

/** Of a step that a later one asks about: more than this is not searched. */
const SEARCHED_BYTES = 256 * 1024

interface Outcome {
  readonly end: HostEnd
  readonly output: string
}

const holds = (condition: StepCondition, earlier: ReadonlyMap<string, Outcome>): boolean => {
  const outcome = earlier.get(condition.step)
  if (!outcome) return false
  const { exit, changed } = outcome.end
  if (condition.exit && (exit === undefined || !condition.exit.includes(exit))) return false
  if (
    condition.outputIncludes !== undefined &&
    !outcome.output.includes(condition.outputIncludes)
  ) {
    return false
  }
  return condition.changed === undefined || condition.changed === (changed ?? false)
}

/** Changed is known when a step says so: one that changed is enough, one that did not is needed. */
const changedOf = (ends: readonly HostEnd[]): boolean | undefined => {
  const known = ends.flatMap((end) => (end.changed === undefined ? [] : [end.changed]))
  return known.length === 0 ? undefined : known.includes(true)
}

/** A driver that does not know how to compare would copy. */
const carryOutLeaf = async (
  driver: Driver,
  work: HostWork,
  report: HostReport,
  signal: AbortSignal,
): Promise<HostEnd> =>
  work.check && work.action.kind === 'copy' && !driver.capabilities.comparesCopies
    ? { state: 'skipped', reason: 'noCheckSupport' }
    : driver.carryOut(work, report, signal)

const carryOutStep = async (
  driver: Driver,
  work: HostWork,
  report: HostReport,
  signal: AbortSignal,
  searched: boolean,
): Promise<Outcome & { readonly told?: ReportedStep }> => {
  const kept: Uint8Array[] = []
  let keptBytes = 0
  let told: ReportedStep | undefined
  const own: HostReport = {
    ...report,
    output(stream, bytes) {
      if (searched && keptBytes < SEARCHED_BYTES) {
        kept.push(Buffer.from(bytes.subarray(0, SEARCHED_BYTES - keptBytes)))
        keptBytes += Math.min(bytes.length, SEARCHED_BYTES - keptBytes)
      }
      return report.output(stream, bytes)
    },
    step(step) {
      told = step
    },
  }
  const end = await carryOutLeaf(driver, work, own, signal)
  const output = searched ? decodeOutput(Buffer.concat(kept), work.host.encoding) : ''
  return { end, output, told }
}

const carryOutSteps = async (
  driver: Driver,
  action: StepsAction,
  work: Omit<HostWork, 'action'>,
  report: HostReport,
  signal: AbortSignal,
): Promise<HostEnd> => {
  const earlier = new Map<string, Outcome>()
  const searched = new Set(
    action.steps.flatMap(({ when }) => (when?.outputIncludes === undefined ? [] : [when.step])),
  )
  let started = false
  const own: HostReport = {
    ...report,
    async started() {
      await report.started()
      started = true
    },
  }
  let last: HostEnd = { state: 'ok' }
  for (const [index, step] of action.steps.entries()) {
    const { name } = step
    if (step.when && !holds(step.when, earlier)) {
      report.step({ index, name, state: 'skipped' })
      continue
    }
    if (signal.aborted) break
    const acted = started
    const leaf = { ...work, action: step.action, step: name, position: index }
    const { end, output, told } = await carryOutStep(driver, leaf, own, signal, searched.has(name))
    earlier.set(name, { end, output })
    const { exit, changed } = end
    const state = end.state === 'ok' ? 'ok' : 'failed'
    report.step({ index, name, state, exit, changed, diff: told?.diff })
    // "Unreachable" says that nothing was sent, and may be tried again: not once an earlier step has acted.
    last = end.state === 'unreachable' && acted ? { ...end, state: 'failed' } : end
    if (last.state !== 'ok') break
  }
  const changed = changedOf([...earlier.values()].map((outcome) => outcome.end))
  return changed === undefined ? last : { ...last, changed }
}

/** Rejects for whatever the driver throws, at once or later. */
export const carryOutAction = async (
  driver: Driver,
  action: Action,
  work: Omit<HostWork, 'action'>,
  report: HostReport,
  signal: AbortSignal,
): Promise<HostEnd> =>
  action.kind === 'steps'
    ? carryOutSteps(driver, action, work, report, signal)
    : carryOutLeaf(driver, { ...work, action }, report, signal)

/** The first variable of the action that this host does not have. */
export const unsetVariable = (
  action: Action,
  vars: Readonly<Record<string, string>>,
): string | undefined => {
  const leaves = leavesOf(action)
  for (const leaf of leaves) {
    if (leaf.kind !== 'shell') continue
    for (const part of leaf.command) {
      if (typeof part === 'object' && 'var' in part && !Object.hasOwn(vars, part.var)) {
        return part.var
      }
    }
  }
  return undefined
}
