// Fills in what the leaves of an action only name, as it is at this moment: what is stored runs, whatever changes later.

import type { Action, LeafAction } from '@omserver/core'
import type { Actor } from '../actor.ts'
import type { RunParts, RunSource } from './ports.ts'

type Sources = NonNullable<RunParts['sources']>

/** Throws Problem of the source: PROJECT_UNKNOWN, FILE_UNKNOWN … */
export const withSources = async <A extends Action | null>(
  sources: Sources = [],
  actor: Actor,
  action: A,
): Promise<A | Action> => {
  if (action === null) return action
  if (action.kind !== 'steps') return resolved(sources, actor, action)
  const steps = []
  for (const step of action.steps) {
    steps.push({ ...step, action: await resolved(sources, actor, step.action) })
  }
  return { ...action, steps }
}

const resolved = async (sources: Sources, actor: Actor, leaf: LeafAction): Promise<LeafAction> => {
  const source = sources.find((one): one is RunSource => one.kind === leaf.kind)
  return source ? source.resolve(actor, leaf) : leaf
}
